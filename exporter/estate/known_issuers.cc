#include "exporter/estate/known_issuers.h"

#include <algorithm>

namespace exporter {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::ChainJudgement;
using probes::observations::ChainJudgementPtr;

namespace {

constexpr std::size_t longest_climb = 10;  // longer than any path in use

bool proven(const ChainJudgement* chain) { return chain != nullptr && chain->valid && chain->expiry && chain->path.size() > 1; }

}  // namespace

KnownIssuers::KnownIssuers(const Estate& estate) {
  for (const auto& trust : estate.trusts())
    for (const CertificatePtr& certificate : trust->certificates) add(certificate);
  for (const auto& identity : estate.identities()) {
    for (std::size_t at = 1; at < identity->certificates.size(); ++at) add(identity->certificates[at]);
    add(identity->chain);
  }
  for (const auto& source : estate.sources()) {
    for (const PathIssuer& issuer : source->issuers) add(issuer.certificate);
    if (source->key.kind != SourceKind::file) continue;
    for (const RestingCertificate& resting : source->published)
      if (resting.certificate->authority()) add(resting.certificate);
  }
  for (const auto& watch : estate.watches())
    if (watch->received) add(watch->received->chain);
}

void KnownIssuers::add(const ChainJudgementPtr& chain) {
  if (!proven(chain.get()) || !met_.insert(chain.get()).second) return;
  for (std::size_t depth = 1; depth < chain->path.size(); ++depth) add(chain->path[depth]);
}

// Of several certificates of a CA the one that ends first stands for it.
void KnownIssuers::add(const CertificatePtr& certificate) {
  if (!met_.insert(certificate.get()).second) return;
  std::vector<std::size_t>& of_name = by_name_[std::string(certificate->subject())];
  for (const std::size_t at : of_name) {
    if (all_[at]->key_digest() != certificate->key_digest()) continue;
    if (certificate->not_after() && (!all_[at]->not_after() || *certificate->not_after() < *all_[at]->not_after()))
      all_[at] = certificate;
    return;
  }
  of_name.push_back(all_.size());
  all_.push_back(certificate);
}

Above KnownIssuers::find(NamedIssuer issuer) const {
  const auto known = by_name_.find(std::string(issuer.issuer));
  if (known == by_name_.end()) return {.issuer = issuer.issuer, .certificate = nullptr, .by_name = true};
  CertificatePtr fits;
  std::size_t fitting = 0;
  for (const std::size_t at : known->second) {
    const std::string_view identifier = all_[at]->subject_key_identifier();
    const bool both = !identifier.empty() && !issuer.key_identifier.empty();
    if (both && identifier == issuer.key_identifier) return {.issuer = issuer.issuer, .certificate = all_[at]};
    if (both) continue;  // RFC 5280 4.2.1.1: another key of the same name
    fits = all_[at];
    ++fitting;
  }
  return {.issuer = issuer.issuer, .certificate = fitting == 1 ? fits : nullptr, .by_name = true};
}

std::vector<Above> KnownIssuers::above(NamedIssuer issuer) const {
  std::vector<Above> found;
  bool by_name = false;
  while (!issuer.issuer.empty() && found.size() < longest_climb) {
    Above next = find(issuer);
    const auto same = [&](const Above& one) { return one.certificate == next.certificate; };
    if (next.certificate && std::ranges::any_of(found, same)) break;  // two that have signed each other
    by_name = next.by_name = by_name || next.by_name;
    found.push_back(next);
    if (!next.certificate || next.certificate->self_issued()) break;
    issuer = {next.certificate->issuer(), next.certificate->authority_key_identifier()};
  }
  return found;
}

std::vector<Above> KnownIssuers::above(const Certificate& leaf, const ChainJudgement* chain) const {
  if (!proven(chain)) return leaf.self_issued() ? std::vector<Above>() : above({leaf.issuer(), leaf.authority_key_identifier()});
  std::vector<Above> found;
  for (std::size_t depth = 1; depth < chain->path.size(); ++depth)
    found.push_back({.issuer = chain->path[depth]->subject(), .certificate = chain->path[depth]});
  return found;
}

}  // namespace exporter
