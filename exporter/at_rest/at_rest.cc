#include "exporter/at_rest/at_rest.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "exporter/at_rest/source_scan.h"
#include "exporter/log.h"
#include "probes/inventory/openssl_index.h"

namespace exporter {

using probes::observations::IssuedCertificates;
using probes::observations::Trouble;

// What a source was configured as, and the watch that scans it; null until it begins.
struct AtRest::Source {
  std::variant<config::FileSet, config::Authority> settings;
  std::unique_ptr<SourceWatch> watch;
};

namespace {

// The files that targets name as their own, and others that their servers have, as a set; no paths: there are none.
config::FileSet served_files(const config::Settings& settings) {
  config::FileSet set{.name = std::string(config::served_files), .follow_symlinks = true};
  std::set<std::string> paths = settings.certificate_files;
  for (const auto& target : settings.targets)
    if (!target->certificate_file.empty()) paths.insert(target->certificate_file);
  set.paths.assign(paths.begin(), paths.end());
  return set;
}

// The certificates of an authority's folder, read as files are.
config::FileSet issued_files(const config::Authority& authority) {
  return {.name = authority.name, .paths = authority.issued, .interval = authority.interval};
}

// An index that cannot be read now does not take back what it said. `openssl ca` itself takes it away for a moment.
IssuedCertificates with_troubles(IssuedCertificates last_good, std::vector<Trouble> troubles) {
  last_good.troubles = std::move(troubles);
  return last_good;
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
    return scanned_files(set, read(trust), clock_());
  };
}

SourceWatch::Scan AtRest::scan_of(const config::Authority& authority) const {
  if (!authority.openssl_index.empty())
    return [this, authority, last_good = IssuedCertificates()]() mutable {
      IssuedCertificates read = probes::inventory::read_openssl_index(authority, clock_());
      if (!read.readable) return scanned_index(authority, with_troubles(last_good, std::move(read.troubles)));
      last_good = std::move(read);
      return scanned_index(authority, last_good);
    };
  return
      [this, authority, read = reader_(issued_files(authority))] { return scanned_issued(authority, read(nullptr), clock_()); };
}

void AtRest::publish(SourceSlot slot) {
  metrics::Scope scope;
  {
    const std::lock_guard lock(mutex_);
    scope = scope_;
  }
  const std::lock_guard lock(publishing_);
  claims_.settle(slot, scope);
  estate_.set_source(std::move(slot));
}

void AtRest::adopt(const config::Settings& settings) {
  std::map<SourceKey, std::unique_ptr<Source>> wanted;
  const auto want = [&](SourceKind kind, const auto& source) {
    wanted.emplace(SourceKey{kind, source.name}, std::make_unique<Source>(Source{source, nullptr}));
  };
  for (const auto& [name, set] : settings.files) want(SourceKind::file, set);
  for (const auto& [name, authority] : settings.authorities) want(SourceKind::authority, authority);
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
    if (source) source->watch->request_stop();
  for (auto& [key, source] : wanted) {
    if (!source) continue;
    source->watch->stop();
    claims_.release(key);
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [key, source] : sources_) {
    if (source->watch) continue;
    const auto [scan, interval] =
        std::visit([this](const auto& of) { return std::pair(scan_of(of), of.interval); }, source->settings);
    source->watch =
        std::make_unique<SourceWatch>(interval, telling(key, scan), [this](SourceSlot slot) { publish(std::move(slot)); });
  }
}

void AtRest::trust_changed(const std::string& name) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, source] : sources_)
    if (const auto* set = std::get_if<config::FileSet>(&source->settings); set != nullptr && set->trust == name && source->watch)
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
