#include "exporter/at_rest/cluster_reader.h"

#include <utility>

#include "probes/observations/wall_time.h"

namespace exporter {

using probes::chain::TrustStorePtr;
using probes::observations::Inventory;
using probes::tls::Ptr;

std::vector<ClusterSet> cluster_sets(const config::Settings& settings) {
  std::vector<ClusterSet> found;
  for (const config::Discovery& discovery : settings.discovery)
    if (const auto* cluster = std::get_if<config::Kubernetes>(&discovery.source); cluster != nullptr && cluster->has_at_rest())
      found.push_back({discovery.name, discovery.labels, *cluster, discovery.interval});
  return found;
}

config::FileSet file_set_of(const ClusterSet& set) {
  return {.name = set.name,
          .paths = {},
          .passphrase_files = {},
          .trust = set.cluster.certificates_trust,
          .interval = set.interval,
          .publish = {.within = set.cluster.publish_within, .max_series = set.cluster.max_series},
          .labels = set.labels};
}

Inventory ClusterReader::read(const TrustStorePtr& trust) {
  mirror_.wait_until_settled({});
  const Examination before = std::exchange(as_of_, Examination{.trust = trust, .at = probes::observations::wall_seconds()});
  const cluster::Snapshot now = mirror_.snapshot();
  Inventory all{.troubles = now.troubles};
  std::unordered_map<cluster::ObjectPtr, Judged> kept;
  for (const cluster::ObjectPtr& object : now.objects) {
    const Judged one = kept[object] = judged(object, before);
    all.certificates.insert(all.certificates.end(), one->certificates.begin(), one->certificates.end());
    all.revocation_lists.insert(all.revocation_lists.end(), one->revocation_lists.begin(), one->revocation_lists.end());
    all.troubles.insert(all.troubles.end(), one->troubles.begin(), one->troubles.end());
  }
  judged_.swap(kept);
  return all;
}

ClusterReader::Judged ClusterReader::judged(const cluster::ObjectPtr& object, const Examination& before) {
  const auto known = judged_.find(object);
  if (known != judged_.end() && !as_of_.outdates(*known->second, before)) return known->second;
  const auto& held = std::get<cluster::Certificates>(object->holds);
  auto found = std::make_shared<Inventory>(held.found);
  std::vector<Ptr<X509>> handles;
  for (const std::string& der : held.der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    handles.emplace_back(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
    if (!handles.back()) return found;  // it was made of one that had been read
  }
  as_of_.examine(*found, handles);
  return found;
}

}  // namespace exporter
