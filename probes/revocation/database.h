// An authority's database beside the lists it publishes: what one of the two says is revoked and the other does not know. To
// revoke is one command and to publish another, and the second is forgotten. Pure functions; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "probes/observations/authority.h"
#include "probes/revocation/lists.h"

namespace probes::revocation {

// One certificate that the database says is revoked, or held.
struct DatabaseEntry {
  std::string_view serial;  // hexadecimal
  std::chrono::sys_seconds not_after{};
};

// Those of `lists` that are an authority's latest word: of each issuer and part the newest complete list, and the deltas to it.
[[nodiscard]] std::vector<NamedList> latest(std::span<const NamedList> lists);

// `revoked`: every one of the database, in any order; `lists`: as latest() has them, of its authority alone; not empty. One that
// has ended need not be listed any more: RFC 5280 3.3.
[[nodiscard]] observations::PublishedRevocations compared(std::span<const DatabaseEntry> revoked,
                                                          std::span<const NamedList> lists, std::chrono::sys_seconds now);

}  // namespace probes::revocation
