#include "exporter/at_rest/at_rest.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "exporter/at_rest/cluster_reader.h"
#include "exporter/at_rest/file_reader.h"
#include "exporter/at_rest/published_lists.h"
#include "exporter/at_rest/source_scan.h"
#include "exporter/at_rest/succession.h"
#include "exporter/at_rest/vault_scan.h"
#include "exporter/log.h"
#include "probes/inventory/openssl_index.h"

namespace exporter {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::IssuedCertificates;
using probes::observations::Trouble;

// What a source was configured as, and the watch that scans it; null until it begins.
struct AtRest::Source {
  std::variant<config::FileSet, config::Authority, ClusterSet> settings;
  std::shared_ptr<ClusterReader> cluster = nullptr;  // of a ClusterSet; shared with the watch's scan
  std::unique_ptr<SourceWatch> watch;
  std::stop_source stopping = {};  // of what the scan waits for

  void request_stop() {
    watch->request_stop();
    stopping.request_stop();
    if (cluster) cluster->stop();  // and with it, what the scan waits for
  }
  bool published = false;  // once
};

namespace {

// The certificates of an authority's folder, read as files are.
config::FileSet issued_files(const config::Authority& authority) {
  return {.name = authority.name, .paths = authority.issued, .interval = authority.interval};
}

// An index that cannot be read now does not take back what it said. `openssl ca` itself takes it away for a moment.
IssuedCertificates with_troubles(IssuedCertificates last_good, std::vector<Trouble> troubles) {
  last_good.troubles = std::move(troubles);
  return last_good;
}

bool depends_on(const config::FileSet& set, const std::string& trust) { return set.trust == trust; }
bool depends_on(const ClusterSet& set, const std::string& trust) { return set.cluster.certificates_trust == trust; }
// Any store may have the list that the index is compared with.
bool depends_on(const config::Authority& authority, const std::string& trust) {
  if (authority.vault_pki) return authority.vault_pki->trust == trust;
  return !authority.openssl_index.empty() && authority.crl_files.empty();
}

constexpr std::size_t most_lines = 20;  // of the log, for one scan

// The scan, which tells the log of each trouble when it begins.
SourceWatch::Scan telling(const SourceKey& key, SourceWatch::Scan scan) {
  return [key, scan = std::move(scan), told = std::set<std::string>()]() mutable {
    Scanned found = scan();
    std::set<std::string> telling;
    std::size_t lines = 0;
    for (const Trouble& trouble : found.troubles) {
      const auto [what, first] = telling.insert(trouble.path + ": " + trouble.detail);
      if (!first || told.contains(*what) || ++lines > most_lines) continue;
      log(LogLevel::warn, "a source cannot be read in full",
          {{"source", word(key.kind)},
           {"name", key.name},
           {"reason", word(trouble.reason)},
           {"path", trouble.path},
           {"detail", trouble.detail}});
    }
    if (lines > most_lines)
      log(LogLevel::warn, "a source has more trouble",
          {{"source", word(key.kind)}, {"name", key.name}, {"more", lines - most_lines}});
    told.swap(telling);
    return found;
  };
}

}  // namespace

AtRest::AtRest(Estate& estate, MaterialsSource materials, ReaderOf reader, Clock clock)
    : estate_(estate), materials_(std::move(materials)), reader_(std::move(reader)), clock_(std::move(clock)) {}

AtRest::~AtRest() { stop(); }

SourceWatch::Scan AtRest::scan_of(const config::FileSet& set) const {
  return [this, set, read = reader_(set)] {
    const auto trust = set.trust.empty() ? nullptr : trust_named(*materials_(), set.trust);
    if (set.name == config::served_files) return scanned_served_files(set, read(trust));
    return scanned_files(set, read(trust), clock_(), [this](const Certificate& certificate, bool vouches) {
      return succeeded_elsewhere(certificate, vouches);
    });
  };
}

bool AtRest::succeeded_elsewhere(const Certificate& certificate, bool vouches) const {
  if (!vouches) {
    const std::string succession = succession_of(certificate, false);
    const auto others = estate_.stored_like(certificate);
    return std::ranges::any_of(others, [&](const StoredLeaf& other) {
      return succeeds(*other.certificate, certificate) && succession_of(*other.certificate, false) == succession;
    });
  }
  const auto follows = [&](const CertificatePtr& other) {
    return other->subject() == certificate.subject() && succeeds(*other, certificate);
  };
  for (const auto& trust : estate_.trusts())
    if (std::ranges::any_of(trust->certificates, follows)) return true;
  for (const auto& source : estate_.sources())
    for (const RestingCertificate& resting : source->published)
      if (resting.certificate->authority() && follows(resting.certificate)) return true;
  return false;
}

SourceWatch::Scan AtRest::scan_of_vault(const config::Authority& authority, const std::stop_token& stopping) const {
  // Shared: a scan may be copied, and what it has read may not.
  const auto reader = std::make_shared<vault::Reader>(*authority.vault_pki, authority.ledger, materials_);
  return [this, authority, stopping, reader, compared = std::optional<probes::observations::PublishedRevocations>()]() mutable {
    std::vector<Trouble> troubles;
    probes::inventory::PublishedLists named;
    if (!authority.crl_files.empty()) named = published_lists(authority, *materials_(), troubles);
    vault::Reading read = reader->read(stopping);
    read.troubles.insert(read.troubles.end(), troubles.begin(), troubles.end());
    const auto now = clock_();
    if (auto fresh = compared_with(read, named, now)) compared = std::move(fresh);
    return scanned_vault(authority, read, compared, now);
  };
}

SourceWatch::Scan AtRest::scan_of(const config::Authority& authority, const std::stop_token& stopping) const {
  if (authority.vault_pki) return scan_of_vault(authority, stopping);
  if (!authority.openssl_index.empty())
    return [this, authority, last_good = IssuedCertificates()]() mutable {
      std::vector<Trouble> troubles;
      const auto published = published_lists(authority, *materials_(), troubles);
      IssuedCertificates read = probes::inventory::read_openssl_index(authority, clock_(), published);
      read.troubles.insert(read.troubles.end(), troubles.begin(), troubles.end());
      if (!read.readable) return scanned_index(authority, with_troubles(last_good, std::move(read.troubles)));
      last_good = std::move(read);
      return scanned_index(authority, last_good);
    };
  return
      [this, authority, read = reader_(issued_files(authority))] { return scanned_issued(authority, read(nullptr), clock_()); };
}

SourceWatch::Scan AtRest::scan_of(const ClusterSet& set, const std::shared_ptr<ClusterReader>& reader) const {
  return [this, set = file_set_of(set), reader] {
    const auto trust = set.trust.empty() ? nullptr : trust_named(*materials_(), set.trust);
    return scanned_cluster(set, reader->read(trust), clock_(), [this](const Certificate& certificate, bool vouches) {
      return succeeded_elsewhere(certificate, vouches);
    });
  };
}

void AtRest::publish(SourceSlot slot) {
  metrics::Scope scope;
  {
    const std::lock_guard lock(mutex_);
    scope = scope_;
  }
  const std::lock_guard lock(publishing_);
  claims_.settle(slot, scope);
  const SourceKey key = slot.key;
  estate_.set_source(std::move(slot));
  tell_others(key);
}

// The first scans of sources know little of each other: once the last one is there, they look again at what they have read.
void AtRest::tell_others(const SourceKey& key) {
  const std::lock_guard lock(mutex_);
  const auto source = sources_.find(key);
  if (source == sources_.end() || std::exchange(source->second->published, true) || sources_.size() < 2) return;
  if (!std::ranges::all_of(sources_, [](const auto& one) { return one.second->published; })) return;
  for (const auto& [other, one] : sources_)
    if (one->watch) one->watch->wake();
}

void AtRest::adopt(const config::Settings& settings) {
  std::map<SourceKey, std::unique_ptr<Source>> wanted;
  const auto want = [&](SourceKind kind, const auto& source) {
    wanted.emplace(SourceKey{kind, source.name}, std::make_unique<Source>(Source{.settings = source, .watch = nullptr}));
  };
  for (const auto& [name, set] : settings.files) want(SourceKind::file, set);
  for (const auto& [name, authority] : settings.authorities) want(SourceKind::authority, authority);
  for (const ClusterSet& set : cluster_sets(settings)) want(SourceKind::file, set);
  if (const config::FileSet served = served_files(settings); !served.paths.empty()) want(SourceKind::file, served);
  {
    const std::lock_guard lock(mutex_);
    scope_ = {settings.detail, settings.labels};
  }
  keep(std::move(wanted));
}

// Sources that stay as they are go over with their watches; the others end, and new ones begin.
void AtRest::keep(std::map<SourceKey, std::unique_ptr<Source>> wanted) {
  {
    const std::lock_guard lock(mutex_);
    for (auto& [key, source] : wanted)
      if (const auto before = sources_.find(key); before != sources_.end() && before->second->settings == source->settings)
        source = std::move(before->second);
    sources_.swap(wanted);
  }
  for (const auto& [key, source] : wanted)
    if (source) source->request_stop();
  for (auto& [key, source] : wanted) {
    if (!source) continue;
    source->watch->stop();
    claims_.release(key);
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [key, source] : sources_) {
    if (source->watch) continue;
    begin(key, *source);
  }
}

void AtRest::begin(const SourceKey& key, Source& source) {
  const auto watch = [&](SourceWatch::Scan scan, std::chrono::milliseconds interval) {
    source.watch = std::make_unique<SourceWatch>(interval, telling(key, std::move(scan)),
                                                 [this](SourceSlot slot) { publish(std::move(slot)); });
  };
  const auto* set = std::get_if<ClusterSet>(&source.settings);
  if (set == nullptr)
    return std::visit(
        [&](const auto& of) {
          using Of = std::remove_cvref_t<decltype(of)>;
          if constexpr (std::is_same_v<Of, config::FileSet>) watch(scan_of(of), of.interval);
          if constexpr (std::is_same_v<Of, config::Authority>) watch(scan_of(of, source.stopping.get_token()), of.interval);
        },
        source.settings);
  source.cluster = std::make_shared<ClusterReader>(*set, materials_);
  watch(scan_of(*set, source.cluster), set->interval);
  source.cluster->tell([watched = source.watch.get()] { watched->wake(); });
}

void AtRest::trust_changed(const std::string& name) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, source] : sources_)
    if (source->watch && std::visit([&](const auto& settings) { return depends_on(settings, name); }, source->settings))
      source->watch->wake();
}

bool AtRest::scanned_once() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, source] : sources_)
    if (!source->watch || !source->watch->scanned()) return false;
  return true;
}

void AtRest::stop() { keep({}); }

}  // namespace exporter
