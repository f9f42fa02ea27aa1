// The proxy through which a server is reached, as the operator wrote it. Immutable; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace config {

struct Proxy {
  enum class Kind : std::uint8_t { http, socks5 };  // http: it is asked with CONNECT
  Kind kind = Kind::http;
  std::string host;  // a name or an IP literal without brackets
  std::uint16_t port = 0;
  std::string username;                        // empty: no login
  std::string password_file;                   // empty: an empty password
  std::map<std::string, std::string> headers;  // of the CONNECT request; may be credentials
};

// "http://proxy.internal:3128"; without whoever logs in.
[[nodiscard]] std::string url(const Proxy& proxy);

}  // namespace config
