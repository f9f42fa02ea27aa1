// What of the estate a filter leaves, each with how it stands: every document of the API is made from one, so that the list, the
// tables and the calendar agree on whom a query means. Snapshots; any thread.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "exporter/api/expiries.h"
#include "exporter/api/filter.h"
#include "exporter/api/standing.h"
#include "exporter/estate/estate.h"

namespace exporter::api {

template <typename Slot>
struct Chosen {
  std::shared_ptr<const Slot> slot;
  State state = State::pending;
};

struct ChosenWatch {
  std::shared_ptr<const WatchSlot> slot;
  Standing standing;
};

// A door's callers that the filter leaves, by their index in the slot.
struct ChosenCallers {
  std::shared_ptr<const SourceSlot> slot;
  std::vector<std::size_t> at;
};

using Counts = std::array<std::size_t, 4>;  // by State

struct Selection {
  std::vector<ChosenWatch> watches;
  std::vector<Chosen<IdentitySlot>> identities;
  std::vector<Chosen<TrustSlot>> trust;
  std::vector<Chosen<SourceSlot>> sources;
  std::vector<ChosenCallers> callers;
  std::vector<Chosen<DiscoverySlot>> discoveries;
  // By kind: server, identity, trust, file, authority, caller, log (that tells of callers), distribution_point, responder,
  // discovery.
  std::map<std::string_view, Counts> counts;
};

[[nodiscard]] Selection selection(const Estate& estate, WallTime now, const Filter& filter);

// What of it expires.
[[nodiscard]] Expiries expiries_of(const Selection& selection, WallTime now);

}  // namespace exporter::api
