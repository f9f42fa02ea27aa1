// How a slot changes: pure functions from the slot as it was to the slot as it is. Any thread.
#pragma once

#include <string>

#include "exporter/estate/estate.h"

namespace exporter {

// The slot after a finished probe: the rules of retention, of the last failure and of the door applied as of
// `observation.finished`.
[[nodiscard]] WatchSlot after_probe(WatchSlot slot, probes::observations::Handshake observation);

// The slot after a knock was answered at `at`.
[[nodiscard]] WatchSlot after_knock(WatchSlot slot, const std::string& knock, probes::observations::KnockFound found,
                                    WallTime at);

}  // namespace exporter
