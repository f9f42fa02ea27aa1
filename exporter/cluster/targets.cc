// What Ingresses, Services and EndpointSlices say of targets.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "exporter/cluster/object.h"

namespace exporter::cluster {

namespace {

constexpr std::string_view ours = "mtls-exporter/";

std::uint16_t number_of(const Json* value) {
  if (value == nullptr || !value->is_number_integer()) return 0;
  const auto number = value->get<std::int64_t>();
  return number > 0 && number < 65536 ? static_cast<std::uint16_t>(number) : std::uint16_t{0};
}

std::vector<Port> ports_of(const Json* list) {
  std::vector<Port> ports;
  for (const Json& item : items(list)) {
    const std::string_view protocol = text(member(item, "protocol"));
    const std::uint16_t number = number_of(member(item, "port"));
    if (number != 0 && (protocol.empty() || protocol == "TCP")) ports.push_back({text_of(item, "name"), number});
  }
  return ports;
}

// Each once; one with a wildcard is the name of no server.
Hosts hosts_of(const Json& object) {
  const Json* spec = member(object, "spec");
  const auto& entries = items(member(spec, "tls"));
  Hosts hosts;
  const auto add = [&](std::string_view name) {
    if (!name.empty() && name.find('*') == std::string_view::npos && std::ranges::find(hosts.names, name) == hosts.names.end())
      hosts.names.emplace_back(name);
  };
  for (const Json& entry : entries)
    for (const Json& host : items(member(entry, "hosts"))) add(text(&host));
  // `tls` without hosts is for those of the rules.
  const bool all = std::ranges::any_of(entries, [](const Json& entry) { return items(member(entry, "hosts")).empty(); });
  if (all)
    for (const Json& rule : items(member(spec, "rules"))) add(text(member(rule, "host")));
  return hosts;
}

Offer offer_of(const Json& object) {
  Offer offer{.ports = ports_of(member(member(object, "spec"), "ports")), .annotations = {}};
  const Json* annotations = member(member(object, "metadata"), "annotations");
  if (annotations == nullptr || !annotations->is_object()) return offer;
  for (const auto& [key, value] : annotations->items())
    if (std::string_view(key).starts_with(ours))
      offer.annotations[std::string(std::string_view(key).substr(ours.size()))] = std::string(text(&value));
  return offer;
}

// Kubernetes: `ready` that is not there is to be taken for true.
bool is_ready(const Json& endpoint) {
  const Json* ready = member(member(endpoint, "conditions"), "ready");
  return ready == nullptr || !ready->is_boolean() || ready->get<bool>();
}

Endpoints endpoints_of(const Json& object) {
  const Json* labels = member(member(object, "metadata"), "labels");
  Endpoints found{.service = std::string(text(member(labels, "kubernetes.io/service-name"))),
                  .ports = ports_of(member(object, "ports")),
                  .addresses = {}};
  for (const Json& endpoint : items(member(object, "endpoints"))) {
    if (!is_ready(endpoint)) continue;
    for (const Json& address : items(member(endpoint, "addresses"))) found.addresses.emplace_back(text(&address));
  }
  return found;
}

}  // namespace

ObjectPtr read_targets(const Json& object, std::string_view kind) {
  const Json* metadata = member(object, "metadata");
  Object read{std::string(text(member(metadata, "namespace"))), std::string(text(member(metadata, "name"))), {}};
  if (kind == "ingresses") {
    Hosts hosts = hosts_of(object);
    if (hosts.names.empty()) return nullptr;
    read.holds = std::move(hosts);
  } else if (kind == "services") {
    Offer offer = offer_of(object);
    if (offer.annotations.empty()) return nullptr;
    read.holds = std::move(offer);
  } else {
    read.holds = endpoints_of(object);
  }
  return std::make_shared<const Object>(std::move(read));
}

}  // namespace exporter::cluster
