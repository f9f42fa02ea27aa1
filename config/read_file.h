// Reads a file that people write, whole, up to a limit.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "config/mistakes.h"

namespace config {

inline constexpr std::size_t file_limit = 64u << 20;  // 100,000 targets with labels are about 20 MB

// The content of `path`; trouble, or more than `limit` bytes, is added to `mistakes` for the file as a whole. Blocking.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path, Mistakes& mistakes, std::size_t limit = file_limit);

}  // namespace config
