#include "exporter/estate/shared_keys.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "exporter/estate/issuers.h"
#include "exporter/metrics/label.h"
#include "exporter/metrics/row_labels.h"

namespace exporter {

using probes::observations::Certificate;

namespace {

std::string_view owner_of(const config::Labels& labels) {
  const auto owner = labels.find("owner");
  return owner == labels.end() ? std::string_view() : std::string_view(owner->second);
}

std::string subject_of(const Certificate& certificate) {
  return certificate.subject().empty() ? joined_names(certificate) : std::string(certificate.subject());
}

// `see(certificate, owner)` for each leaf in each place of it.
template <typename See>
void each_leaf(const Estate& estate, See see) {
  const auto leaf = [&](const Certificate& certificate, const config::Labels& labels) {
    if (!certificate.authority() && certificate.key_digest() != 0) see(certificate, owner_of(labels));
  };
  for (const auto& watch : estate.watches())
    if (watch->received && !watch->received->certificates.empty())
      leaf(*watch->received->certificates.front(), watch->target->labels);
  for (const auto& identity : estate.identities())
    if (!identity->certificates.empty()) leaf(*identity->certificates.front(), identity->labels);
  for (const auto& source : estate.sources())
    for (const RestingCertificate& resting : source->published)
      if (resting.leaf && !resting.listed_only) leaf(*resting.certificate, source->labels);
}

// What tells most keys apart from the few that are shared, in little memory: the first subject and owner that were met.
struct FirstMet {
  std::size_t subject = 0, owner = 0;
  bool others = false;
};

std::unordered_map<std::uint64_t, KeySharers> with_others(const Estate& estate) {
  constexpr std::hash<std::string_view> hash;
  std::unordered_map<std::uint64_t, FirstMet> met;
  each_leaf(estate, [&](const Certificate& certificate, std::string_view owner) {
    const FirstMet now{.subject = hash(subject_of(certificate)), .owner = hash(owner), .others = false};
    const auto [known, first] = met.try_emplace(certificate.key_digest(), now);
    if (!first && (known->second.subject != now.subject || known->second.owner != now.owner)) known->second.others = true;
  });
  std::unordered_map<std::uint64_t, KeySharers> shared;
  for (const auto& [digest, first] : met)
    if (first.others) shared.try_emplace(digest);
  return shared;
}

}  // namespace

void KeySharers::add(const Certificate& certificate, std::string_view owner) {
  certificates_.emplace(certificate.fingerprint_sha256());
  auto& owners = owners_[subject_of(certificate)];
  if (!owner.empty()) owners.emplace(owner);
}

std::size_t KeySharers::count() const {
  std::size_t count = 0;
  for (const auto& [subject, owners] : owners_) count += std::max<std::size_t>(owners.size(), 1);
  return std::min(count, certificates_.size());
}

std::vector<SharedKey> shared_keys(const Estate& estate) {
  std::unordered_map<std::uint64_t, KeySharers> sharers = with_others(estate);
  each_leaf(estate, [&](const Certificate& certificate, std::string_view owner) {
    if (const auto found = sharers.find(certificate.key_digest()); found != sharers.end()) found->second.add(certificate, owner);
  });
  std::vector<SharedKey> all;
  for (const auto& [digest, of] : sharers)
    if (const std::size_t places = of.count(); places > 1) all.push_back({.digest = digest, .places = places});
  std::ranges::sort(all, [](const SharedKey& one, const SharedKey& other) {
    return std::pair(other.places, one.digest) < std::pair(one.places, other.digest);
  });
  if (all.size() > most_shared_keys) all.resize(most_shared_keys);
  return all;
}

std::vector<metrics::KeyRow> rows(const std::vector<SharedKey>& keys, const metrics::Scope& scope) {
  std::vector<metrics::KeyRow> rows;
  for (const SharedKey& key : keys) {
    metrics::KeyRow row{.labels = {}, .places = key.places};
    metrics::append_label(row.labels, "fingerprint_key", key_text(key.digest));
    metrics::append_labels(row.labels, scope.labels);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace exporter
