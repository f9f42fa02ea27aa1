// Is this UTF-8? Strict as RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace config {

// How many bytes from the start are well-formed UTF-8: text.size() when all of it is.
[[nodiscard]] std::size_t valid_utf8_length(std::string_view text);

}  // namespace config
