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
    // One target is looked at with several identities: its places come one after the other.
    if (!expiry.places.empty() && expiry.places.back() == Place{source, std::string(name)}) continue;
    ++expiry.seen;
    if (expiry.places.size() < most_places) expiry.places.push_back({source, std::string(name)});
  }
}

void Expiries::add(const SourceSlot& source) {
  for (std::size_t at = 0; at < source.published.size(); ++at) {
    const RestingCertificate& one = source.published[at];
    const bool silent = source.callers && source.callers->callers[at]->calls_until <= now_;
    if (!silent) add({one.certificate}, word(source.key.kind), one.place.text());
  }
}

void add_all(Expiries& expiries, const Estate& estate) {
  for (const auto& slot : estate.watches())
    if (slot->received) expiries.add(slot->received->certificates, "server", slot->target->name);
  for (const auto& slot : estate.identities()) expiries.add(slot->certificates, "identity", slot->name);
  for (const auto& slot : estate.trusts()) expiries.add(slot->certificates, "trust", slot->name);
  for (const auto& slot : estate.sources()) expiries.add(*slot);
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
  for (const auto& [fingerprint, expiry] : found_) all.push_back(expiry);
  std::stable_sort(all.begin(), all.end(),
                   [](const Expiry& a, const Expiry& b) { return *a.certificate->not_after() < *b.certificate->not_after(); });
  if (all.size() > most_expiries) all.resize(most_expiries);
  return all;
}

}  // namespace exporter::api
