// RFC 4648 4, on one line.
#pragma once

#include <string>
#include <string_view>

namespace probes::bytes {

[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace probes::bytes
