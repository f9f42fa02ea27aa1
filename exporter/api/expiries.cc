#include "exporter/api/expiries.h"

#include <algorithm>

namespace exporter::api {

using probes::observations::CertificatePtr;

void Expiries::add(const std::vector<CertificatePtr>& certificates, std::string_view source, std::string_view name) {
  for (const CertificatePtr& certificate : certificates) {
    if (!certificate->not_after() || *certificate->not_after() > until_) continue;
    // An authority's index knows serials only, each its own certificate.
    const std::string fingerprint(certificate->fingerprint_sha256());
    Expiry& expiry = found_[fingerprint.empty() ? std::string(name).append("/").append(certificate->serial()) : fingerprint];
    expiry.certificate = certificate;
    expiry.in_use = expiry.in_use || source != word(SourceKind::trust);
    // One target is looked at with several identities: its places come one after the other.
    if (!expiry.places.empty() && expiry.places.back() == Place{source, std::string(name)}) continue;
    ++expiry.seen;
    if (expiry.places.size() < most_places) expiry.places.push_back({source, std::string(name)});
  }
}

void Expiries::add_one(const SourceSlot& source, std::size_t at) {
  const RestingCertificate& one = source.published[at];
  const bool silent = source.callers && source.callers->callers[at]->calls_until <= now_;
  if (!silent) add({one.certificate}, word(source.key.kind), one.place.text());
}

void Expiries::add(const SourceSlot& source) {
  for (std::size_t at = 0; at < source.published.size(); ++at) add_one(source, at);
  for (const PathIssuer& issuer : source.issuers) on_paths_.emplace(issuer.certificate->fingerprint_sha256());
}

void Expiries::add(const SourceSlot& source, const std::vector<std::size_t>& some) {
  for (const std::size_t at : some) add_one(source, at);
  for (const PathIssuer& issuer : source.issuers) on_paths_.emplace(issuer.certificate->fingerprint_sha256());
}

void Expiries::add_path(const probes::observations::ChainJudgementPtr& chain) {
  if (!chain) return;
  for (const CertificatePtr& certificate : chain->path)
    if (certificate->not_after() && *certificate->not_after() <= until_) on_paths_.emplace(certificate->fingerprint_sha256());
}

std::vector<std::size_t> Expiries::by_day() const {
  std::vector<std::size_t> counts(1 + expiries_within.count());
  for (const auto& [fingerprint, expiry] : found_) {
    const auto day = std::chrono::floor<std::chrono::days>(*expiry.certificate->not_after() - now_).count();
    ++counts[static_cast<std::size_t>(std::clamp<std::int64_t>(day + 1, 0, expiries_within.count()))];
  }
  return counts;
}

std::vector<Expiry> Expiries::soonest() const {
  std::vector<Expiry> all;
  all.reserve(found_.size());
  for (const auto& [fingerprint, expiry] : found_) {
    all.push_back(expiry);
    all.back().in_use = expiry.in_use || on_paths_.contains(fingerprint);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Expiry& a, const Expiry& b) { return *a.certificate->not_after() < *b.certificate->not_after(); });
  if (all.size() > most_expiries) all.resize(most_expiries);
  return all;
}

}  // namespace exporter::api
