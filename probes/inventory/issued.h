// Works out the state of each certificate that an authority has issued, and which of them are published one by one. Pure; any
// thread. Made for a million entries: an entry borrows its text and takes no memory of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "probes/observations/authority.h"

namespace probes::inventory {

enum class Standing : std::uint8_t { good, held, revoked };

struct IssuedEntry {
  std::string_view holder;  // who it was issued to: a later entry for the same holder is its renewal; empty: nobody's
  observations::Date not_after;
  Standing standing = Standing::good;
};

// The state of each entry as of `now`, in the order of `entries`, which is the order of issue. A revoked or held entry renews
// nothing: what it was meant to replace is still in use.
[[nodiscard]] std::vector<observations::IssuedState> issued_states(std::span<const IssuedEntry> entries,
                                                                   std::chrono::sys_seconds now);

struct Selection {
  std::vector<std::uint32_t> chosen;  // indexes of entries, those that end first in front
  std::uint64_t left_out = 0;         // above the limit
};

// What becomes series of its own: valid and expired certificates (superseded ones only if asked for) that end, or have ended,
// within publish.within of `now`; of these at most publish.max_series. The bound on the past keeps a CA's long-forgotten
// certificates from crowding out those that are about to end.
[[nodiscard]] Selection published(std::span<const IssuedEntry> entries, std::span<const observations::IssuedState> states,
                                  const config::Publishing& publish, bool superseded, std::chrono::sys_seconds now);

}  // namespace probes::inventory
