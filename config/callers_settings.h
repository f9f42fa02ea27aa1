// What the operator wrote under `callers`: where the servers tell who calls them, and what those callers are judged against.
// Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace config {

// Where syslog is received.
struct SyslogSocket {
  enum class Kind : std::uint8_t { none, unix_datagram, unix_stream, udp, tcp };
  Kind kind = Kind::none;
  std::string path;        // of a Unix socket
  std::string host;        // an IP literal; loopback unless one is written
  std::uint16_t port = 0;  // 0 in tests only: any
  bool operator==(const SyslogSocket&) const = default;
};

// Whether anybody on the network, or on this machine, can write to it: what it says is a claim.
[[nodiscard]] constexpr bool open_to_all(const SyslogSocket& socket) {
  return socket.kind == SyslogSocket::Kind::udp || socket.kind == SyslogSocket::Kind::tcp;
}

// "unix:/run/a.sock", "unix-stream:/run/a.sock", "udp:5140", "tcp:192.0.2.1:6514"; or what is wrong with `text`.
[[nodiscard]] std::variant<SyslogSocket, std::string> parse_syslog_socket(std::string_view text);

// One door: the logs of one server, or of several that are one to their clients. log_files or syslog is set, or both.
struct Callers {
  std::string name;
  std::vector<std::string> log_files;  // absolute, or relative to the configuration file
  SyslogSocket syslog;
  int socket_mode = 0660;                                        // of a Unix socket
  std::string socket_group;                                      // of a Unix socket; empty: as it comes
  std::string trust;                                             // what callers should chain to; empty: chains are not judged
  std::vector<std::string> authorities;                          // whose databases callers are looked up in
  std::size_t addresses = 8;                                     // remembered of each caller
  std::chrono::milliseconds keep = std::chrono::hours(24 * 90);  // a caller not seen for so long is forgotten
  std::size_t max_series = 10000;                                // callers at most
  std::size_t lines_per_second = 50000;                          // read at most
  std::map<std::string, std::string> labels;
  bool operator==(const Callers&) const = default;
};

}  // namespace config
