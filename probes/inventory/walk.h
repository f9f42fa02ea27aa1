// Finds the files that a path of the configuration names: a file, a folder (everything below it), or a glob in which `*`, `?` and
// `[...]` stand for parts of one name and `**` for any number of folders. Stays in the folder the path names, follows no loop,
// opens nothing. Names that begin with a dot are passed over unless written. Blocking: never on a probe's thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "probes/observations/inventory.h"

namespace probes::inventory {

// Folders below each other; deeper ones are too_deep.
inline constexpr int deepest_folder = 32;
// Names looked at for one path; more are too_large.
inline constexpr std::size_t most_names = 1'000'000;

struct Walk {
  bool follow_symlinks = false;           // also out of the folder that `path` names
  std::vector<std::string> exclude = {};  // files and folders that are passed over (path_pattern.h)
  std::string root = {};                  // where links are followed as if it were / (below_root.h); empty: /
  // A regular file, once for each name it has. `named`: `path` is that file, and not a folder or pattern.
  std::function<void(const std::string& path, bool named)> file;
  std::function<void(observations::Trouble trouble)> trouble;  // the walk goes on after it
};

// Files of /proc and /sys are made up as they are read, and some never end.
[[nodiscard]] bool made_up(const std::string& path);

// A path that matches nothing is the trouble not_found.
void walk(const std::string& path, const Walk& walk);

}  // namespace probes::inventory
