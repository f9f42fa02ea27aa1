// Who speaks first on a port that is nobody's well-known one. Pure; any thread.
#pragma once

#include <string_view>

namespace exporter::discovery {

// The protocol whose servers greet so, by the first bytes of one; empty: none that TLS can be had from. A greeting is hostile
// text.
[[nodiscard]] std::string_view protocol_greeting_so(std::string_view greeting);

}  // namespace exporter::discovery
