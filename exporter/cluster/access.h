// How the API of a cluster is reached: its server, and who we are there. Asked anew for every request: tokens and certificates
// are renewed in place. Blocking file reads; never on a probe's thread.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "config/kubernetes_settings.h"
#include "exporter/materials/materials.h"
#include "probes/net/fetch.h"
#include "probes/observations/inventory.h"

namespace exporter::cluster {

// What the pod that we run in knows of its cluster.
struct Pod {
  std::string host, port;  // of the API
  std::string folder;      // with `token` and `ca.crt`
};
[[nodiscard]] Pod this_pod();

struct Access {
  std::string server;  // "https://10.0.0.1:6443"
  std::string token;   // empty: none
  probes::chain::TrustStorePtr trust;
  probes::tls::IdentityPtr identity;  // null: none
};

using AccessOrTrouble = std::variant<Access, probes::observations::Trouble>;

// `materials`: for clusters with `url`.
[[nodiscard]] AccessOrTrouble access(const config::Kubernetes& settings, const std::function<MaterialsPtr()>& materials,
                                     const Pod& pod);

// The same of the kubeconfig `path`.
[[nodiscard]] AccessOrTrouble read_kubeconfig_access(const std::string& path, const std::string& context);

// A request for `path_and_query` of the API.
[[nodiscard]] probes::net::FetchRequest request_of(const Access& access, const std::string& path_and_query);

// Certificates in PEM as a store that trusts each of them; null: there is none.
[[nodiscard]] probes::chain::TrustStorePtr trust_of_pem(std::string_view pem, const std::string& name);

}  // namespace exporter::cluster
