// The files that a trust store's settings name: a file, the files of a directory (not of those below it), or all that a glob
// matches. Blocking: never on a probe's thread; nothing throws.
#pragma once

#include <string>
#include <vector>

#include "probes/observations/inventory.h"

namespace probes::chain {

// The paths that `pattern` names, in order. A plain path is itself, whether or not there is such a file; a directory or glob
// without any is a trouble.
[[nodiscard]] std::vector<std::string> named_files(const std::string& pattern, std::vector<observations::Trouble>& troubles);

// The content of `path`; false after noting why not.
[[nodiscard]] bool read_content(const std::string& path, std::string& content, std::vector<observations::Trouble>& troubles);

}  // namespace probes::chain
