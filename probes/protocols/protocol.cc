#include "probes/protocols/protocol.h"

#include <algorithm>
#include <array>

namespace probes::protocols {

std::span<const Protocol> all_protocols() {
  static constexpr std::array table = {
      Protocol{.name = "tls", .description = "TLS from the first byte; nothing is asked"},
      Protocol{.name = "https",
               .description = "TLS from the first byte, then one HTTP request (HTTP/2 where ALPN chose it)",
               .ask = &https},
  };
  return table;
}

const Protocol* find_protocol(std::string_view name) {
  const auto table = all_protocols();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Protocol& protocol) { return protocol.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace probes::protocols
