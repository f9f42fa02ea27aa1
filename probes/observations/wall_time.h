// The clock on the wall, for whoever says when something happened or compares a date with now. In microseconds: the system's own
// clock counts nanoseconds in 64 bits, which end on 2262-04-11, and to compare one with a date beyond turns the date round into
// the past without a word. Certificates are dated to the year 9999. So nothing else here asks std::chrono::system_clock; a test
// holds the tree to that. Any thread.
#pragma once

#include <chrono>

namespace probes::observations {

using WallTime = std::chrono::sys_time<std::chrono::microseconds>;  // 292,000 years either way

[[nodiscard]] inline WallTime wall_now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

[[nodiscard]] inline std::chrono::sys_seconds wall_seconds() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace probes::observations
