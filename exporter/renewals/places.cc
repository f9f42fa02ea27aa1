#include "exporter/renewals/places.h"

#include <algorithm>
#include <utility>

#include "exporter/renewals/habit.h"

namespace exporter::renewals {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using storage::PlaceKey;
using storage::ReplacementRow;
using storage::SightingRow;
using storage::WallTime;

namespace {

constexpr std::size_t kept = 16;                      // of each place
constexpr auto worth_saving = std::chrono::hours(1);  // of a later last sighting: it changes all the time
constexpr int parts_unwatched = 10;                   // of a lifetime: who looks less often does not know when

}  // namespace

void Places::see(const PlaceKey& key, const CertificatePtr& certificate, WallTime now) {
  if (!certificate->not_before() || !certificate->not_after() || *certificate->not_before() >= *certificate->not_after()) return;
  auto known = places_.find(key);
  if (known == places_.end()) {
    if (places_.size() >= most_) return;
    known = places_.emplace(key, Place()).first;
  }
  Place& place = known->second;
  const auto is_this = [&](const Sighting& one) { return one.row.id.fingerprint == certificate->fingerprint_sha256(); };
  const bool same = place.now == certificate;
  place.now = certificate;
  auto sighting = std::ranges::find_if(place.sightings, is_this);
  if (sighting == place.sightings.end()) {
    note_new(key, place, *certificate, now);
    bound(place);
    return work_out(place);
  }
  sighting->row.last_seen = std::max(sighting->row.last_seen, now);
  if (!same) work_out(place);  // it was there before: they may take turns
}

// A later one replaces the one that was seen last.
void Places::note_new(const PlaceKey& key, Place& place, const Certificate& certificate, WallTime now) {
  const auto last = std::ranges::max_element(place.sightings, {}, [](const Sighting& one) { return one.row.last_seen; });
  if (last != place.sightings.end() && last->row.not_before < *certificate.not_before()) {
    const auto unwatched = now - last->row.last_seen;
    place.replacements.push_back({.id = {key, last->row.id.fingerprint},
                                  .by = std::string(certificate.fingerprint_sha256()),
                                  .at = now,
                                  .not_before = last->row.not_before,
                                  .not_after = last->row.not_after,
                                  .timely = unwatched * parts_unwatched <= last->row.not_after - last->row.not_before});
  }
  SightingRow row{.id = {key, std::string(certificate.fingerprint_sha256())},
                  .subject = std::string(certificate.subject()),
                  .not_before = *certificate.not_before(),
                  .not_after = *certificate.not_after(),
                  .first_seen = now,
                  .last_seen = now};
  place.sightings.push_back({.row = std::move(row), .saved = std::nullopt});
}

void Places::bound(Place& place) {
  while (place.sightings.size() > kept) {
    gone_sightings_.push_back(std::move(place.sightings.front().row.id));
    place.sightings.erase(place.sightings.begin());
  }
  while (place.replacements.size() > kept) {
    gone_replacements_.push_back(std::move(place.replacements.front().id));
    place.replacements.erase(place.replacements.begin());
    if (place.saved_replacements > 0) --place.saved_replacements;
  }
}

void Places::work_out(Place& place) {
  std::vector<SightingRow> sightings;
  for (const Sighting& one : place.sightings) sightings.push_back(one.row);
  place.habit = habit(sightings, place.replacements);
}

std::optional<std::chrono::sys_seconds> Places::late_from(const PlaceKey& key) const {
  const auto place = places_.find(key);
  if (place == places_.end() || !place->second.habit || !place->second.now) return std::nullopt;
  const Certificate& now = *place->second.now;
  return renewals::late_from(*now.not_before(), *now.not_after(), *place->second.habit);
}

void Places::restore(storage::StoredPlaces stored) {
  for (SightingRow& row : stored.sightings) {
    if (places_.size() >= most_ && !places_.contains(row.id.place)) continue;
    std::vector<Sighting>& sightings = places_[row.id.place].sightings;
    const auto known = std::ranges::find_if(sightings, [&](const Sighting& one) { return one.row.id == row.id; });
    if (known == sightings.end()) {
      sightings.push_back({.row = std::move(row), .saved = std::nullopt});
      continue;
    }
    known->row.first_seen = std::min(known->row.first_seen, row.first_seen);
    known->row.last_seen = std::max(known->row.last_seen, row.last_seen);
  }
  for (ReplacementRow& row : stored.replacements) {
    const auto place = places_.find(row.id.place);
    if (place == places_.end()) continue;
    std::vector<ReplacementRow>& replacements = place->second.replacements;
    if (std::ranges::none_of(replacements, [&](const ReplacementRow& one) { return one.id == row.id; }))
      replacements.push_back(std::move(row));
  }
  for (auto& [key, place] : places_) {
    std::ranges::sort(place.sightings, {}, [](const Sighting& one) { return one.row.first_seen; });
    std::ranges::sort(place.replacements, {}, &ReplacementRow::at);
    bound(place);
    work_out(place);
  }
}

void Places::save(storage::Changes& changes, bool all) {
  changes.gone_sightings = std::exchange(gone_sightings_, {});
  changes.gone_replacements = std::exchange(gone_replacements_, {});
  for (auto& [key, place] : places_) {
    for (Sighting& one : place.sightings) {
      if (!all && one.saved && one.row.last_seen - *one.saved < worth_saving) continue;
      one.saved = one.row.last_seen;
      changes.sightings.push_back(one.row);
    }
    if (all) place.saved_replacements = 0;
    for (; place.saved_replacements < place.replacements.size(); ++place.saved_replacements)
      changes.replacements.push_back(place.replacements[place.saved_replacements]);
  }
}

}  // namespace exporter::renewals
