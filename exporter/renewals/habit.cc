#include "exporter/renewals/habit.h"

#include <algorithm>

namespace exporter::renewals {

using storage::ReplacementRow;
using storage::SightingRow;

namespace {

// A fleet that is deployed one after another shows both for a while.
constexpr std::chrono::hours deployment{24};

bool take_turns(const std::vector<SightingRow>& sightings) {
  for (const SightingRow& one : sightings)
    for (const SightingRow& other : sightings)
      if (one.first_seen < other.first_seen && one.last_seen - other.first_seen > deployment) return true;
  return false;
}

double left(const ReplacementRow& row) {
  const std::chrono::duration<double> lifetime = row.not_after - row.not_before;
  const std::chrono::duration<double> rest = storage::WallTime(row.not_after) - row.at;
  return rest / lifetime;
}

}  // namespace

std::optional<double> habit(const std::vector<SightingRow>& sightings, const std::vector<ReplacementRow>& replacements) {
  std::vector<const ReplacementRow*> counted;
  for (const ReplacementRow& row : replacements)
    if (row.timely && row.not_before < row.not_after) counted.push_back(&row);
  if (counted.size() < replacements_needed || take_turns(sightings)) return std::nullopt;
  std::ranges::sort(counted, std::ranges::greater(), &ReplacementRow::at);
  if (counted.size() > replacements_considered) counted.resize(replacements_considered);
  std::vector<double> parts;
  for (const ReplacementRow* row : counted) parts.push_back(left(*row));
  std::ranges::sort(parts);
  return parts[(parts.size() - 1) / 2];
}

std::chrono::sys_seconds late_from(std::chrono::sys_seconds not_before, std::chrono::sys_seconds not_after, double habit) {
  const std::chrono::duration<double> lifetime = not_after - not_before;
  return not_after - std::chrono::duration_cast<std::chrono::seconds>(lifetime * (habit - tolerance));
}

}  // namespace exporter::renewals
