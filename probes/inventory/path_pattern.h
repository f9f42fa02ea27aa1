// Patterns of paths to leave out: in each part `*`, `?` and `[...]` stand for parts of a name, `**` for any number of folders. A
// pattern without a slash is of names, wherever they lie.
#pragma once

#include <string>

namespace probes::inventory {

[[nodiscard]] bool path_matches(const std::string& pattern, const std::string& path);

}  // namespace probes::inventory
