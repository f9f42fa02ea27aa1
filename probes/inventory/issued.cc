#include "probes/inventory/issued.h"

#include <algorithm>
#include <functional>
#include <tuple>

namespace probes::inventory {

using observations::IssuedState;

namespace {

// An entry that may renew, or be renewed. Sorted by hash first: comparing the text of a million subjects takes seconds.
struct Candidate {
  std::size_t hash;
  std::uint32_t index;
};

// Those of one holder stand together, in the order of issue.
std::vector<Candidate> by_holder(std::span<const IssuedEntry> entries) {
  std::vector<Candidate> found;
  found.reserve(entries.size());
  for (std::uint32_t index = 0; index < entries.size(); ++index) {
    const IssuedEntry& entry = entries[index];
    if (entry.standing == Standing::good && !entry.holder.empty())
      found.push_back({std::hash<std::string_view>{}(entry.holder), index});
  }
  std::sort(found.begin(), found.end(), [&](const Candidate& one, const Candidate& other) {
    if (one.hash != other.hash) return one.hash < other.hash;
    const int order = entries[one.index].holder.compare(entries[other.index].holder);
    return order != 0 ? order < 0 : one.index < other.index;
  });
  return found;
}

IssuedState state_of(const IssuedEntry& entry, std::chrono::sys_seconds now) {
  if (entry.standing == Standing::revoked) return IssuedState::revoked;
  if (entry.standing == Standing::held) return IssuedState::held;
  // RFC 5280 4.1.2.5: the validity period includes notAfter.
  if (!entry.not_after) return IssuedState::unreadable;
  return *entry.not_after < now ? IssuedState::expired : IssuedState::valid;
}

}  // namespace

std::vector<IssuedState> issued_states(std::span<const IssuedEntry> entries, std::chrono::sys_seconds now) {
  std::vector<IssuedState> states;
  states.reserve(entries.size());
  for (const IssuedEntry& entry : entries) states.push_back(state_of(entry, now));
  const std::vector<Candidate> candidates = by_holder(entries);
  for (std::size_t at = 1; at < candidates.size(); ++at)
    if (entries[candidates[at - 1].index].holder == entries[candidates[at].index].holder)
      states[candidates[at - 1].index] = IssuedState::superseded;
  return states;
}

Selection published(std::span<const IssuedEntry> entries, std::span<const IssuedState> states, const config::Publishing& publish,
                    bool superseded, std::chrono::sys_seconds now) {
  Selection selection;
  for (std::uint32_t index = 0; index < entries.size(); ++index) {
    const IssuedState state = states[index];
    if (state > IssuedState::superseded || (state == IssuedState::superseded && !superseded)) continue;
    const observations::Date end = entries[index].not_after;
    if (publish.within && end && std::chrono::abs(*end - now) > *publish.within) continue;
    selection.chosen.push_back(index);
  }
  // What has no end to be read comes behind those that have one.
  const auto end_of = [&](std::uint32_t index) { return entries[index].not_after.value_or(std::chrono::sys_seconds::max()); };
  const auto sooner = [&](std::uint32_t one, std::uint32_t other) {
    return std::tuple(end_of(one), one) < std::tuple(end_of(other), other);
  };
  const std::size_t kept = std::min(publish.max_series, selection.chosen.size());
  std::partial_sort(selection.chosen.begin(), selection.chosen.begin() + static_cast<std::ptrdiff_t>(kept),
                    selection.chosen.end(), sooner);
  selection.left_out = selection.chosen.size() - kept;
  selection.chosen.resize(kept);
  return selection;
}

}  // namespace probes::inventory
