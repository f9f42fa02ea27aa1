// One look at the discoveries of a configuration, for commands that answer once and end: `check-config` opens files and nothing
// else, `probe` also asks the servers of lists. Each source looks on a thread of its own, so that the slowest decides how long
// it takes: the timeout of an http_sd, or ten seconds of a name server's silence.
#pragma once

#include <memory>
#include <vector>

#include "exporter/discovery/merge.h"
#include "exporter/discovery/source.h"

namespace exporter::discovery {

// A discovery and what it found, as Finder would have it at its first look.
struct Looked {
  config::Discovery discovery;
  bool at_all = false;  // false: a look takes more than was allowed, and nothing was done
  Look look;
};

// In the order of the settings. No source does more than `most`. What a source throws is logged and makes its look incomplete,
// read_failed; where no thread can be begun, the caller's own looks. Blocks; throws nothing but std::bad_alloc.
[[nodiscard]] std::vector<Looked> look_once(const config::Settings& settings, Effort most, const Surroundings& surroundings);

// For Merge. Takes the lists.
[[nodiscard]] Found found(std::vector<Looked> looked);

}  // namespace exporter::discovery
