// Listening sockets, as plain descriptors: ours or systemd's. Called once at start, on any thread.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace exporter::web {

// Owns one file descriptor; closes it at the end.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();
  int number() const { return number_; }  // -1: none
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

struct Listener {
  Descriptor descriptor;  // non-blocking, closed on exec
  std::string address;    // where it really listens: "[::]:10219", "127.0.0.1:43125", "unix:/run/x.sock"
};

// No socket could be opened; what() names the address as the operator wrote it, and the reason.
class ListenError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Opens `address`: "HOST:PORT", "[IPV6]:PORT" or ":PORT". An empty host, like "[::]", takes IPv6 and IPv4 on one
// socket, or IPv4 alone where there is no IPv6. A name listens on every address it has. Port 0 takes a free port.
[[nodiscard]] std::vector<Listener> listen_on(const std::string& address);

// Takes the sockets that systemd passed to this process (sd_listen_fds(3)).
[[nodiscard]] std::vector<Listener> systemd_listeners();

// "192.0.2.1:80", "[2001:db8::1]:80" or "unix:PATH" of a socket's own end.
[[nodiscard]] std::string local_address(int descriptor);

}  // namespace exporter::web
