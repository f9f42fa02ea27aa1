// A scripted DNS server on a UDP port of 127.0.0.1, on a thread of its own. It answers by the first label of the name asked for:
// "a.x" has the address 127.0.0.1, "many.x" twenty-eight addresses of 127.0.0.0/8,
// "metadata.x" the address 169.254.169.254, "mapped.x" the same in IPv6 (::ffff:169.254.169.254),
// "who.x" the address of the server itself, "inner.corp.example" (and "inner" below no other domain) 127.0.0.1,
// "missing.x" does not exist, "broken.x" is a server failure, "silent.x" gets no answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace tests::support {

class NameServer {
 public:
  // On a port that was one's before, a server that is started again; on another address of 127.0.0.0/8, a second server.
  explicit NameServer(std::uint16_t port = 0, const std::string& ip = "127.0.0.1");
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  [[nodiscard]] std::string address() const;  // "127.0.0.1:5353"
  [[nodiscard]] std::uint16_t port() const;

  // "set.x" has the addresses 127.0.0.N for each octet, in this order; without any it has none, and nullopt: it does not exist.
  void set(std::optional<std::string> last_octets);
  void keep_silent(bool silent);  // takes what comes and answers nothing

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tests::support
