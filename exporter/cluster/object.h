// What is kept of an object of a cluster: its certificates, or what it says of targets. Nothing else of it is: no key and no
// passphrase. Immutable values; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "config/kubernetes_settings.h"
#include "exporter/cluster/secret_json.h"
#include "probes/observations/inventory.h"

namespace exporter::cluster {

// Of a Secret, a ConfigMap, or what has a caBundle.
struct Certificates {
  probes::observations::Inventory found;  // not judged; places are `namespace/name#key`
  std::vector<std::string> der;           // of found.certificates, in their order
};

// Of an Ingress: the hosts that it serves with TLS.
struct Hosts {
  std::vector<std::string> names;  // wildcards left out
};

struct Port {
  std::string name;
  std::uint16_t number = 0;
};

// Of a Service that asks to be watched.
struct Offer {
  std::vector<Port> ports;
  std::map<std::string, std::string> annotations;  // ours, without the part before the slash
};

// Of an EndpointSlice: pods of a Service that are ready.
struct Endpoints {
  std::string service;
  std::vector<Port> ports;
  std::vector<std::string> addresses;
};

struct Object {
  std::string space;  // its namespace; empty: it is the cluster's
  std::string name;
  std::variant<Certificates, Hosts, Offer, Endpoints> holds;
};
using ObjectPtr = std::shared_ptr<const Object>;

// An object as the API gives it; null: there is nothing in it for us. `kind` is the resource's path ("secrets",
// "mutatingwebhookconfigurations"). Reads passphrase files where a keystore needs them: may block.
[[nodiscard]] ObjectPtr read_certificates(const Json& object, std::string_view kind, const config::Kubernetes& settings);
[[nodiscard]] ObjectPtr read_targets(const Json& object, std::string_view kind);

}  // namespace exporter::cluster
