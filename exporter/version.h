// Which build this is.
#pragma once

#include <string_view>

namespace exporter {

// "0.1.0", from the project's CMakeLists.txt.
[[nodiscard]] std::string_view version();

}  // namespace exporter
