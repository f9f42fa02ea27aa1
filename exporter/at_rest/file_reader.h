// Reads a set of files for exporter/at_rest/at_rest.h, and judges the leaves that lie in them.
#pragma once

#include "exporter/at_rest/at_rest.h"

namespace exporter {

// A reader of `set`. It is for one thread at a time; trouble is in what it returns.
[[nodiscard]] AtRest::Reader file_reader(const config::FileSet& set);

// The files that targets name as their own, and others that their servers have, as a set; no paths: there are none.
[[nodiscard]] config::FileSet served_files(const config::Settings& settings);

}  // namespace exporter
