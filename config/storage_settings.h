// What the operator wrote under `storage`: the file that outlives a restart. Plain values.
#pragma once

#include <chrono>
#include <string>

namespace config {

struct Storage {
  std::string path;  // absolute, or relative to the configuration file; empty: nothing outlives a restart
  std::chrono::milliseconds keep = std::chrono::hours(24 * 1095);  // of what was seen; callers have a `keep` of their own
  bool operator==(const Storage&) const = default;
};

}  // namespace config
