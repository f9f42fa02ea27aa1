#include "exporter/at_rest/examination.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "probes/chain/certificate_findings.h"
#include "probes/chain/judge.h"

namespace exporter {

using probes::observations::Certificate;
using probes::observations::Date;
using probes::observations::Inventory;
using probes::observations::Problem;
using probes::observations::RevocationList;
using probes::observations::SourceReason;
using probes::observations::StoredCertificate;
using probes::observations::SubjectAlternativeName;
using probes::tls::Ptr;

namespace {

// Whether the certificate has begun or ended between two looks: what was found out at the first no longer holds.
bool turned(const Certificate& certificate, std::chrono::sys_seconds before, std::chrono::sys_seconds after) {
  const auto passed = [&](Date date) { return date && before <= *date && *date <= after; };
  return passed(certificate.not_before()) || passed(certificate.not_after());
}

bool turned(const StoredCertificate& stored, std::chrono::sys_seconds before, std::chrono::sys_seconds after) {
  if (turned(*stored.certificate, before, after)) return true;
  if (!stored.chain) return false;
  if (stored.chain->revocation_until && *stored.chain->revocation_until <= after) return true;  // a list lapsed, or began
  return std::ranges::any_of(stored.chain->path, [&](const auto& certificate) { return turned(*certificate, before, after); });
}

}  // namespace

bool Examination::outdates(const Inventory& file, const Examination& before) const {
  if ((trust ? trust->generation() : 0) != (before.trust ? before.trust->generation() : 0)) return true;
  return std::ranges::any_of(file.certificates, [&](const StoredCertificate& stored) { return turned(stored, before.at, at); });
}

std::vector<X509*> Examination::anchors() const {
  std::vector<X509*> found;
  if (trust)
    for (const Ptr<X509>& anchor : trust->anchors()) found.push_back(anchor.get());
  return found;
}

// A leaf with what stands behind it in its file or alias, as a server would send them. PKCS#12 keeps intermediates beside the
// entries, without a name.
void Examination::examine(Inventory& file, std::span<const Ptr<X509>> certificates) const {
  for (std::size_t first = 0, end = 0; first < certificates.size(); first = end) {
    std::vector<X509*> chain;
    do chain.push_back(certificates[end++].get());
    while (end < certificates.size() && file.certificates[end].position != 0);
    if (!file.certificates[first].place.alias().empty())
      for (std::size_t other = 0; other < certificates.size(); ++other)
        if (file.certificates[other].place.alias().empty()) chain.push_back(certificates[other].get());
    judge(chain, {&file.certificates[first], end - first});
  }
  for (const RevocationList& list : file.revocation_lists)
    if (list.genuine == false)
      file.troubles.push_back({.reason = SourceReason::bad_crl, .path = list.path, .detail = "not signed by " + list.issuer});
}

// `entry`: what stands in one place, of which `chain` begins.
void Examination::judge(std::span<X509* const> chain, std::span<StoredCertificate> entry) const {
  using probes::chain::Examined;
  const probes::chain::JudgeOptions options{.purpose = probes::chain::Purpose::any, .at = at};
  for (std::size_t index = 0; index < entry.size(); ++index) {
    StoredCertificate& stored = entry[index];
    stored.vouches = vouches_for_others(chain[index], *stored.certificate, index, entry.size());
    if (index == 0 && trust && !*stored.vouches) {
      stored.chain = probes::chain::judge(chain, *trust, options);
      continue;
    }
    const auto role = *stored.vouches ? Examined::Role::authority : Examined::Role::leaf;
    auto problems =
        probes::chain::certificate_problems({chain[index], *stored.certificate, role, options}, static_cast<int>(index));
    if (!problems.empty()) stored.problems = std::make_shared<const std::vector<Problem>>(std::move(problems));
  }
}

// A CA, unless it is a server's own certificate that happens to be one: `openssl req -x509` makes every certificate a CA. Such
// a one stands first, and has a server's names or purposes; or it stands alone, signed itself, and says nothing of signing
// others.
bool Examination::vouches_for_others(X509* certificate, const Certificate& facts, std::size_t index, std::size_t of) const {
  if (!facts.authority()) return false;
  if (index > 0) return true;
  const auto names = facts.subject_alternative_names();
  const bool named = std::ranges::any_of(names, [](const auto& name) {
    return name.kind == SubjectAlternativeName::Kind::dns || name.kind == SubjectAlternativeName::Kind::ip;
  });
  const bool purposes = std::ranges::any_of(
      facts.extended_key_usages(), [](std::string_view usage) { return usage == "serverAuth" || usage == "clientAuth"; });
  const bool may_sign =
      (X509_get_extension_flags(certificate) & EXFLAG_KUSAGE) != 0 && (X509_get_key_usage(certificate) & KU_KEY_CERT_SIGN) != 0;
  if (named || (purposes && !may_sign)) return false;
  const bool trusted = trust && trust->contains(certificate);
  return may_sign || trusted || of > 1 || !facts.self_issued() || X509_get_pathlen(certificate) >= 0;
}

}  // namespace exporter
