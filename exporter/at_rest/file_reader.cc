#include "exporter/at_rest/file_reader.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/chain/certificate_findings.h"
#include "probes/chain/judge.h"
#include "probes/inventory/scan.h"
#include "probes/observations/wall_time.h"

namespace exporter {

using probes::chain::TrustStorePtr;
using probes::inventory::FileScanner;
using probes::observations::Certificate;
using probes::observations::Date;
using probes::observations::Inventory;
using probes::observations::Problem;
using probes::observations::RevocationList;
using probes::observations::SourceReason;
using probes::observations::StoredCertificate;
using probes::observations::SubjectAlternativeName;
using probes::observations::Trouble;
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

// A scanner whose files are judged as they are read: keeping the certificates themselves would take several times the memory of
// their facts. A file is read again when the judgement on it may have become another.
class JudgedFiles {
 public:
  explicit JudgedFiles(const config::FileSet& set)
      : scanner_({.paths = set.paths,
                  .passphrase_files = set.passphrase_files,
                  .follow_symlinks = set.follow_symlinks,
                  .exclude = set.exclude,
                  .root = set.root},
                 [this](Inventory& file, std::span<const Ptr<X509>> certificates) { examine(file, certificates); }) {}

  Inventory read(const TrustStorePtr& trust) {
    const std::chrono::sys_seconds before = std::exchange(as_of_, probes::observations::wall_seconds());
    const bool other_trust = (trust ? trust->generation() : 0) != (trust_ ? trust_->generation() : 0);
    trust_ = trust;
    scanner_.set_issuers(anchors());
    for (const auto& [place, file] : scanner_.files()) {
      const auto outdated = [&](const StoredCertificate& stored) { return turned(stored, before, as_of_); };
      if (other_trust || std::ranges::any_of(file.holds->certificates, outdated)) scanner_.forget(place);
    }
    scanner_.scan();
    return joined();
  }

 private:
  std::vector<X509*> anchors() const {
    std::vector<X509*> found;
    if (trust_)
      for (const Ptr<X509>& anchor : trust_->anchors()) found.push_back(anchor.get());
    return found;
  }

  // A leaf with what stands behind it in its file or alias, as a server would send them. PKCS#12 keeps intermediates beside the
  // entries, without a name.
  void examine(Inventory& file, std::span<const Ptr<X509>> certificates) const {
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
  void judge(std::span<X509* const> chain, std::span<StoredCertificate> entry) const {
    using probes::chain::Examined;
    const probes::chain::JudgeOptions options{.purpose = probes::chain::Purpose::any, .at = as_of_};
    for (std::size_t index = 0; index < entry.size(); ++index) {
      StoredCertificate& stored = entry[index];
      stored.vouches = vouches_for_others(chain[index], *stored.certificate, index, entry.size());
      if (index == 0 && trust_ && !*stored.vouches) {
        stored.chain = probes::chain::judge(chain, *trust_, options);
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
  bool vouches_for_others(X509* certificate, const Certificate& facts, std::size_t index, std::size_t of) const {
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
    const bool trusted = trust_ && trust_->contains(certificate);
    return may_sign || trusted || of > 1 || !facts.self_issued() || X509_get_pathlen(certificate) >= 0;
  }

  // What of a file among others is no trouble: a README, a key, an empty keystore. Where nothing else was found it is why.
  static constexpr std::size_t most_passed_over = 3;

  Inventory joined() const {
    Inventory all{.troubles = scanner_.troubles()};
    std::vector<Trouble> passed_over;
    for (const auto& [place, file] : scanner_.files()) {
      const Inventory& holds = *file.holds;
      all.certificates.insert(all.certificates.end(), holds.certificates.begin(), holds.certificates.end());
      all.revocation_lists.insert(all.revocation_lists.end(), holds.revocation_lists.begin(), holds.revocation_lists.end());
      for (const Trouble& trouble : holds.troubles)
        (trouble.reason == SourceReason::no_certificates && !file.expected ? passed_over : all.troubles).push_back(trouble);
    }
    if (all.certificates.empty() && all.revocation_lists.empty() && all.troubles.empty())
      all.troubles.assign(passed_over.begin(),
                          passed_over.begin() + static_cast<std::ptrdiff_t>(std::min(passed_over.size(), most_passed_over)));
    return all;
  }

  std::chrono::sys_seconds as_of_ = probes::observations::wall_seconds();
  TrustStorePtr trust_;
  FileScanner scanner_;
};

}  // namespace

AtRest::Reader file_reader(const config::FileSet& set) {
  return [files = std::make_shared<JudgedFiles>(set)](const TrustStorePtr& trust) { return files->read(trust); };
}

config::FileSet served_files(const config::Settings& settings) {
  config::FileSet set{.name = std::string(config::served_files), .follow_symlinks = true};
  std::set<std::string> paths = settings.certificate_files;
  for (const auto& target : settings.targets)
    if (!target->certificate_file.empty()) paths.insert(target->certificate_file);
  set.paths.assign(paths.begin(), paths.end());
  return set;
}

}  // namespace exporter
