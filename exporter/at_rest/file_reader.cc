#include "exporter/at_rest/file_reader.h"

#include <algorithm>
#include <memory>
#include <span>
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
      : scanner_({.paths = set.paths, .passphrase_files = set.passphrase_files, .follow_symlinks = set.follow_symlinks},
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
      judge(chain, file.certificates[first]);
    }
    for (const RevocationList& list : file.revocation_lists)
      if (list.genuine == false)
        file.troubles.push_back({.reason = SourceReason::bad_crl, .path = list.path, .detail = "not signed by " + list.issuer});
  }

  void judge(std::span<X509* const> chain, StoredCertificate& leaf) const {
    using probes::chain::Examined;
    const probes::chain::JudgeOptions options{.purpose = probes::chain::Purpose::any, .at = as_of_};
    if (leaf.certificate->authority()) return;  // it is there to vouch for others
    if (trust_) {
      leaf.chain = probes::chain::judge(chain, *trust_, options);
      return;
    }
    auto problems = probes::chain::certificate_problems({chain.front(), *leaf.certificate, Examined::Role::leaf, options}, 0);
    if (!problems.empty()) leaf.problems = std::make_shared<const std::vector<Problem>>(std::move(problems));
  }

  Inventory joined() const {
    Inventory all{.troubles = scanner_.troubles()};
    for (const auto& [place, file] : scanner_.files()) {
      const Inventory& holds = *file.holds;
      all.certificates.insert(all.certificates.end(), holds.certificates.begin(), holds.certificates.end());
      all.revocation_lists.insert(all.revocation_lists.end(), holds.revocation_lists.begin(), holds.revocation_lists.end());
      all.troubles.insert(all.troubles.end(), holds.troubles.begin(), holds.troubles.end());
    }
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

}  // namespace exporter
