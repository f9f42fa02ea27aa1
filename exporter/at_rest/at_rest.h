// Watches the certificates at rest of a configuration: each set of files, each cluster and each authority is scanned on a thread
// of its own (source_watch.h) and published in the estate. A reload leaves the sources alone whose settings stay.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "config/settings.h"
#include "exporter/at_rest/claims.h"
#include "exporter/at_rest/source_watch.h"
#include "exporter/estate/estate.h"
#include "exporter/materials/materials.h"
#include "probes/observations/inventory.h"

namespace exporter {

struct ClusterSet;
class ClusterReader;

class AtRest {
 public:
  // Gives the trust stores of the moment; called on the threads of the sources, never null.
  using MaterialsSource = std::function<MaterialsPtr()>;
  using Clock = std::function<std::chrono::sys_seconds()>;

  // Reads the files of one set, and judges its leaves against `trust` (null: not judged). Called on the set's thread alone, so it
  // may remember what it has read.
  using Reader = std::function<probes::observations::Inventory(const probes::chain::TrustStorePtr& trust)>;
  using ReaderOf = std::function<Reader(const config::FileSet& set)>;

  // `estate` outlives it. `clock`: the time of judgements; tests have their own.
  AtRest(Estate& estate, MaterialsSource materials, ReaderOf reader, Clock clock);
  ~AtRest();  // stop()
  AtRest(const AtRest&) = delete;
  AtRest& operator=(const AtRest&) = delete;

  // Watches exactly the sources of `settings` from now on. One call at a time, from any thread; after Estate::adopt(). Waits for
  // scans under way of sources that go or change.
  void adopt(const config::Settings& settings);

  // Sources that chain to the trust store `name` are judged again soon. Any thread.
  void trust_changed(const std::string& name);

  // Every source has been scanned and published once; true without sources. Any thread.
  [[nodiscard]] bool scanned_once() const;

  // Nothing is published once this has returned; it waits for what is being read. Not from a callback.
  void stop();

 private:
  struct Source;

  void keep(std::map<SourceKey, std::unique_ptr<Source>> wanted);
  SourceWatch::Scan scan_of(const config::FileSet& set) const;
  SourceWatch::Scan scan_of(const config::Authority& authority, const std::stop_token& stopping) const;
  SourceWatch::Scan scan_of_vault(const config::Authority& authority, const std::stop_token& stopping) const;
  SourceWatch::Scan scan_of(const ClusterSet& set, const std::shared_ptr<ClusterReader>& reader) const;
  void begin(const SourceKey& key, Source& source);
  void publish(SourceSlot slot);
  void tell_others(const SourceKey& key);
  // Whether a certificate at rest has a successor in another source, or in a trust store.
  bool succeeded_elsewhere(const probes::observations::Certificate& certificate, bool vouches) const;

  Estate& estate_;
  const MaterialsSource materials_;
  const ReaderOf reader_;
  const Clock clock_;
  std::mutex publishing_;  // a label set goes from one source to another in one step
  Claims claims_;
  mutable std::mutex mutex_;  // guards scope_ and the map, not what a source does
  metrics::Scope scope_;
  std::map<SourceKey, std::unique_ptr<Source>> sources_;
};

}  // namespace exporter
