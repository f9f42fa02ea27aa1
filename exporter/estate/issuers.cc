#include "exporter/estate/issuers.h"

#include <algorithm>
#include <set>
#include <utility>

#include "exporter/metrics/label.h"
#include "exporter/metrics/row_labels.h"

namespace exporter {

using probes::observations::CertificatePtr;
using probes::observations::ChainJudgement;
using probes::observations::ChainJudgementPtr;
using probes::observations::Finding;
using probes::observations::Problem;

namespace {

// Above the leaf; a leaf that is trusted by itself hangs on nobody.
template <typename Take>
void each_issuer(const ChainJudgement& chain, Take take) {
  if (!chain.valid || !chain.expiry) return;
  for (std::size_t depth = 1; depth < chain.path.size(); ++depth)
    take(PathIssuer{chain.path[depth], depth + 1 == chain.path.size()});
}

}  // namespace

bool out_of_use(const RestingCertificate& resting) {
  const auto replaced = [](const Problem& problem) {
    return problem.finding == Finding::superseded || problem.finding == Finding::revoked;
  };
  return resting.problems && std::ranges::any_of(*resting.problems, replaced);
}

std::string key_text(std::uint64_t key) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t at = text.size(); at-- > 0; key >>= 4) text[at] = digits[key & 15];
  return text;
}

void Issuers::add(const ChainJudgementPtr& chain) {
  if (!chain || !met_.insert(chain).second) return;
  each_issuer(*chain, [&](const PathIssuer& issuer) { add(issuer); });
}

void Issuers::add(const std::vector<PathIssuer>& issuers) {
  for (const PathIssuer& issuer : issuers) add(issuer);
}

void Issuers::add(const PathIssuer& issuer) {
  const CertificatePtr& certificate = issuer.certificate;
  if (!certificate->not_after()) return;
  auto [known, first] =
      first_to_end_.try_emplace({certificate->subject(), certificate->key_digest(), issuer.anchor}, certificate);
  if (first || *known->second->not_after() <= *certificate->not_after()) return;
  first_to_end_.erase(known);  // the key borrows from the certificate
  first_to_end_.try_emplace({certificate->subject(), certificate->key_digest(), issuer.anchor}, certificate);
}

metrics::Rows Issuers::rows(const metrics::Scope& scope) const {
  metrics::Rows rows;
  for (const auto& [key, certificate] : first_to_end_) {
    metrics::IssuerRow row{.labels = {}, .certificate = certificate.get()};
    metrics::append_label(row.labels, "issuer", key.name);
    metrics::append_label(row.labels, "issuer_key", key_text(key.key));
    metrics::append_label(row.labels, "issuer_role", key.anchor ? "root" : "intermediate");
    metrics::append_label(row.labels, "subject_cn", name_or_serial(*certificate));
    metrics::append_labels(row.labels, scope.labels);
    rows.issuers.push_back(std::move(row));
  }
  return rows;
}

std::vector<PathIssuer> path_issuers(const std::vector<RestingCertificate>& resting) {
  std::vector<PathIssuer> issuers;
  std::set<std::pair<const void*, bool>> met;
  for (const RestingCertificate& one : resting) {
    if (!one.chain || out_of_use(one)) continue;
    each_issuer(*one.chain, [&](PathIssuer issuer) {
      if (met.emplace(issuer.certificate.get(), issuer.anchor).second) issuers.push_back(std::move(issuer));
    });
  }
  return issuers;
}

}  // namespace exporter
