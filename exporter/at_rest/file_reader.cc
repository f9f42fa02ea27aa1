#include "exporter/at_rest/file_reader.h"

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/at_rest/examination.h"
#include "probes/inventory/scan.h"
#include "probes/observations/wall_time.h"

namespace exporter {

using probes::chain::TrustStorePtr;
using probes::inventory::FileScanner;
using probes::observations::Inventory;
using probes::observations::SourceReason;
using probes::observations::Trouble;
using probes::tls::Ptr;

namespace {

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
                 [this](Inventory& file, std::span<const Ptr<X509>> certificates) { as_of_.examine(file, certificates); }) {}

  Inventory read(const TrustStorePtr& trust) {
    const Examination before = std::exchange(as_of_, {.trust = trust, .at = probes::observations::wall_seconds()});
    scanner_.set_issuers(as_of_.anchors());
    for (const auto& [place, file] : scanner_.files())
      if (as_of_.outdates(*file.holds, before)) scanner_.forget(place);
    scanner_.scan();
    return joined();
  }

 private:
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

  Examination as_of_{.trust = nullptr, .at = probes::observations::wall_seconds()};
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
