#include "exporter/inventory/holdings.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "exporter/estate/shared_keys.h"

namespace exporter::inventory {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;

namespace {

bool begins_before(const Holding& one, const Holding& other) {
  const auto end = [](const Holding& holding) {
    return holding.certificate->not_after().value_or(std::chrono::sys_seconds::min());
  };
  return end(one) < end(other);
}

}  // namespace

void Holdings::add(const CertificatePtr& certificate, Place place, bool listed_only) {
  const std::string key = listed_only ? place.source + ":" + place.target + ":" + std::string(certificate->serial()) + ":" +
                                            std::string(certificate->subject())
                                      : std::string(certificate->fingerprint_sha256());
  Holding& holding = by_fingerprint_[key];
  if (!holding.certificate) holding = {.certificate = certificate, .listed_only = listed_only, .places = {}};
  if (std::ranges::find(holding.places, place) == holding.places.end()) holding.places.push_back(std::move(place));
}

std::vector<Holding> Holdings::all() const {
  std::unordered_map<std::uint64_t, KeySharers> by_key;
  std::vector<Holding> all;
  for (const auto& [key, holding] : by_fingerprint_) {
    Holding& one = all.emplace_back(holding);
    std::ranges::sort(one.places);
    if (one.listed_only || one.certificate->authority() || one.certificate->key_digest() == 0) continue;
    KeySharers& sharers = by_key[one.certificate->key_digest()];
    sharers.add(*one.certificate, "");
    for (const std::string& owner : owners_of(one)) sharers.add(*one.certificate, owner);
  }
  for (Holding& one : all)
    if (const auto found = by_key.find(one.certificate->key_digest());
        found != by_key.end() && !one.listed_only && !one.certificate->authority() && found->second.count() > 1)
      one.key_places = found->second.count();
  std::ranges::stable_sort(all, begins_before);
  return all;
}

std::vector<std::string> owners_of(const Holding& holding) {
  std::set<std::string> owners;
  for (const Place& place : holding.places)
    if (const auto owner = place.labels.find("owner"); owner != place.labels.end() && !owner->second.empty())
      owners.insert(owner->second);
  return {owners.begin(), owners.end()};
}

}  // namespace exporter::inventory
