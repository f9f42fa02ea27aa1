// The outermost shape of DER, which tells the binary formats apart.
#pragma once

#include <optional>
#include <string_view>

namespace probes::inventory {

// What follows the header of the SEQUENCE that `bytes` begin with, of whatever length; nothing if they do not.
[[nodiscard]] std::optional<std::string_view> inside_sequence(std::string_view bytes);

}  // namespace probes::inventory
