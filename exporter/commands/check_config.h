// check-config: is this configuration right, and are the files it names fit for use? What a CI job or a packager asks before a
// restart. The exporter itself starts with unfit files and reports them; here they are an answer of their own.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

#include "config/load.h"

namespace exporter {

// 0: good, with a summary on `out` and a line for each discovery: how many targets it finds in files; the network is not asked.
// 1: a file it names is missing, unreadable or unfit as of `now`, a line for each on `err`. 2: the configuration is wrong, with
// all its mistakes on `err`. Warnings go to `err` and change nothing. Blocking file reads.
[[nodiscard]] int check_config(const std::string& file, const config::Vocabulary& vocabulary, std::chrono::sys_seconds now,
                               std::ostream& out, std::ostream& err);

}  // namespace exporter
