// The states of the estate that somebody on call follows: of a watch, a door, an identity, a source. Worked out of a slot when it
// changes; what changed is told by exporter/journal.h. Plain values; any thread.
#pragma once

#include <string>
#include <string_view>

#include "exporter/estate/estate.h"

namespace exporter {

struct State {
  std::string_view kind;     // watch, door, identity, file, authority, trust, discovery
  std::string name;          // of the target, the identity, the source
  std::string identity;      // of a watch or a door; else empty
  std::string address = {};  // ... where the target's name is fanned out
  std::string_view word;     // what it is: good, failed; a door's mode; usable, unusable; up, down
  std::string reason;        // why it is not as it should be; empty: it is, or nothing tells
  std::string detail;        // for people
  bool bad = false;
};

[[nodiscard]] State watch_state(const WatchSlot& slot);  // REQUIRES: it was probed
[[nodiscard]] State door_state(const WatchSlot& slot);
[[nodiscard]] State state_of(const IdentitySlot& slot);
[[nodiscard]] State state_of(const TrustSlot& slot);
[[nodiscard]] State state_of(const SourceSlot& slot);     // its errors: of the last scan
[[nodiscard]] State state_of(const DiscoverySlot& slot);  // its errors: of the last look

}  // namespace exporter
