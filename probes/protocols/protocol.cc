#include "probes/protocols/protocol.h"

#include <algorithm>
#include <array>

namespace probes::protocols {

namespace {

constexpr std::string_view http_versions[] = {"h2", "http/1.1"};
constexpr std::string_view http1_only[] = {"http/1.1"};

}  // namespace

bool is_http(std::string_view alpn) { return std::ranges::find(http_versions, alpn) != std::end(http_versions); }

std::span<const Protocol> all_protocols() {
  static constexpr std::array table = {
      Protocol{.name = "auto",
               .description =
                   "TLS from the first byte; a server that chooses HTTP by ALPN is asked with one request, for the verdict alone",
               .default_port = 443,
               .alpn = http_versions,
               .asked = Asked::where_negotiated,
               .ask = &https},
      Protocol{.name = "tls", .description = "TLS from the first byte; nothing is asked", .alpn = http_versions},
      Protocol{.name = "https",
               .description = "TLS from the first byte, then one HTTP request (HTTP/2 where ALPN chose it)",
               .default_port = 443,
               .alpn = http1_only,
               .asked = Asked::always,
               .ask = &https},
  };
  return table;
}

std::map<std::string, std::uint16_t, std::less<>> default_ports() {
  std::map<std::string, std::uint16_t, std::less<>> ports;
  for (const Protocol& protocol : all_protocols()) ports.emplace(protocol.name, protocol.default_port);
  return ports;
}

const Protocol* find_protocol(std::string_view name) {
  const auto table = all_protocols();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Protocol& protocol) { return protocol.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace probes::protocols
