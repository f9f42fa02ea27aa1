#include <variant>

#include "config/address.h"
#include "config/callers_settings.h"
#include "config/mistakes.h"

namespace config {
namespace {

// sun_path holds 108 bytes with the zero at its end.
constexpr std::size_t longest_path = 107;

std::variant<SyslogSocket, std::string> unix_socket(SyslogSocket::Kind kind, std::string_view path) {
  if (!path.starts_with('/')) return "the path of a Unix socket begins with a slash: unix:/run/mtls_exporter/edge.sock";
  if (path.size() > longest_path) return "the path of a Unix socket has at most 107 bytes";
  SyslogSocket socket{.kind = kind};
  socket.path = path;
  return socket;
}

bool is_number(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos; }

std::variant<SyslogSocket, std::string> internet_socket(SyslogSocket::Kind kind, std::string_view text) {
  if (text.starts_with(':')) text.remove_prefix(1);
  const std::string written = is_number(text) ? "127.0.0.1:" + std::string(text) : std::string(text);
  const auto parsed = parse_address(written);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return *wrong;
  const auto& address = std::get<Address>(parsed);
  if (address.host.find_first_not_of("0123456789.") != std::string::npos && address.host.find(':') == std::string::npos)
    return quote(address.host) + " is no IP address; write the one to listen on, or the port alone for 127.0.0.1";
  SyslogSocket socket{.kind = kind};
  socket.host = address.host;
  socket.port = address.port;
  return socket;
}

}  // namespace

std::variant<SyslogSocket, std::string> parse_syslog_socket(std::string_view text) {
  using enum SyslogSocket::Kind;
  const std::size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (scheme == "unix") return unix_socket(unix_datagram, rest);
  if (scheme == "unix-stream") return unix_socket(unix_stream, rest);
  if (scheme == "udp") return internet_socket(udp, rest);
  if (scheme == "tcp") return internet_socket(tcp, rest);
  return quote(text) + " is no syslog socket; write unix:/PATH, unix-stream:/PATH, udp:PORT, tcp:PORT or udp:ADDRESS:PORT";
}

}  // namespace config
