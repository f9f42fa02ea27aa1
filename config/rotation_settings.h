// What the operator wrote under `rotations`: from which CA to which, and for how long a client must be silent to count as gone.
// The files are read as trust stores are, under names of their own. Plain values.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace config {

struct Rotation {
  std::string name;
  std::vector<std::string> from;  // files of the old CA's certificates; absolute, or relative to the configuration file
  std::vector<std::string> to;    // ... of the new one's
  std::chrono::milliseconds quiet = std::chrono::hours(24 * 14);
  bool operator==(const Rotation&) const = default;
};

// The trust stores that the files of a rotation are read as. They judge nothing.
[[nodiscard]] inline std::string trust_name_of_old(const Rotation& rotation) { return rotation.name + ".from"; }
[[nodiscard]] inline std::string trust_name_of_new(const Rotation& rotation) { return rotation.name + ".to"; }

}  // namespace config
