// Paths of another machine's files that are mounted somewhere here, as /host in a container: links and absolute paths in those
// files mean what they mean there. Blocking: never on a probe's thread.
#pragma once

#include <string>
#include <string_view>

namespace probes::inventory {

// Where `path` leads for a process whose / is `root`, its links resolved; `..` stops at `root`. `path` itself where `root` is
// empty or `path` does not lie below it, and where links lead round in circles.
[[nodiscard]] std::string below_root(const std::string& path, const std::string& root);

// Whether `path` is `folder` or lies below it, by their names alone.
[[nodiscard]] bool lies_under(std::string_view path, std::string_view folder);

}  // namespace probes::inventory
