// A Kubernetes cluster that is asked by its API: for targets, and for certificates that lie in its objects. Part of a discovery
// (discovery_settings.h), and as immutable.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace config {

enum class KubernetesResource : std::uint8_t {
  secrets,         // certificates and keystores in their keys
  configmaps,      // bundles of CAs
  webhooks,        // caBundle of webhooks, APIServices and conversions of custom resources
  ingresses,       // targets: the hosts under `tls`
  services,        // targets: those that carry the annotation mtls-exporter/probe
  endpointslices,  // of these Services: every pod
};

// Whether certificates at rest are found in it; otherwise targets are, or help for them.
[[nodiscard]] constexpr bool is_at_rest(KubernetesResource resource) { return resource <= KubernetesResource::webhooks; }

struct Kubernetes {
  // Where the API is: a kubeconfig, a URL, or, with neither, the cluster that the exporter runs in.
  std::string kubeconfig;
  std::string context;  // of the kubeconfig; empty: its current one
  std::string url;
  std::string trust;       // with `url`: the API server's trust store; empty: the system's
  std::string identity;    // with `url`: our client certificate; empty: none
  std::string token_file;  // with `url`: read anew for every request; empty: none

  std::vector<KubernetesResource> resources;  // never empty, each once
  std::vector<std::string> namespaces;        // empty: all of them, which takes a ClusterRole
  std::string label_selector;                 // of Secrets, ConfigMaps, Ingresses and Services

  // Of certificates at rest.
  std::vector<std::string> exclude;           // patterns of `namespace/name`; without a slash, of names
  std::vector<std::string> passphrase_files;  // tried on every keystore, after the passphrases beside it
  std::string certificates_trust;             // what leaves should chain to; empty: not judged
  std::optional<std::chrono::milliseconds> publish_within;
  std::size_t max_series = 10000;

  bool operator==(const Kubernetes&) const = default;

  [[nodiscard]] bool has_at_rest() const { return std::ranges::any_of(resources, is_at_rest); }
  [[nodiscard]] bool has_targets() const { return !std::ranges::all_of(resources, is_at_rest); }
};

[[nodiscard]] std::string_view word(KubernetesResource resource);

}  // namespace config
