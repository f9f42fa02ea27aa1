// What the estate makes of certificates at rest: which sources it has, and which leaves on disk a watch is compared with. Pure
// but for the leaves, which have a lock of their own; any thread.
#pragma once

#include <set>

#include "exporter/estate/estate.h"

namespace exporter {

// Every set of files, authority and door with callers of `settings`, and the files that targets name as their own.
[[nodiscard]] std::set<SourceKey> sources_of(const config::Settings& settings);

// The slot with the counterparts of its received leaf.
[[nodiscard]] WatchSlot paired(WatchSlot slot, const StoredLeaves& leaves);

}  // namespace exporter
