// Certificates that lie in a cluster, for exporter/at_rest/at_rest.h: what the API tells is kept in a mirror
// (exporter/cluster/mirror.h), and judged here as files are.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "exporter/at_rest/examination.h"
#include "exporter/cluster/mirror.h"

namespace exporter {

// A cluster of the settings, as a set of certificates at rest.
struct ClusterSet {
  std::string name;
  config::Labels labels;
  config::Kubernetes cluster;
  std::chrono::milliseconds interval{};
  bool operator==(const ClusterSet&) const = default;
};

// Those of `settings` that are looked into for certificates.
[[nodiscard]] std::vector<ClusterSet> cluster_sets(const config::Settings& settings);

// As far as the rest of what is published of it goes, a set of files.
[[nodiscard]] config::FileSet file_set_of(const ClusterSet& set);

class ClusterReader {
 public:
  ClusterReader(const ClusterSet& set, std::function<MaterialsPtr()> materials)
      : mirror_(set.cluster, cluster::Side::at_rest, std::move(materials)) {}

  // What lies there now, as soon as it is known or known not to be; nothing after stop(). For one thread.
  [[nodiscard]] probes::observations::Inventory read(const probes::chain::TrustStorePtr& trust);

  void tell(std::function<void()> changed) { mirror_.tell(std::move(changed)); }
  void stop() { mirror_.stop(); }  // read() returns soon; any thread

 private:
  using Judged = std::shared_ptr<const probes::observations::Inventory>;

  Judged judged(const cluster::ObjectPtr& object, const Examination& before);

  cluster::Mirror mirror_;
  Examination as_of_;
  std::unordered_map<cluster::ObjectPtr, Judged> judged_;  // of the last read
};

}  // namespace exporter
