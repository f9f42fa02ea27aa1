// kubernetes: targets of a cluster, as its API tells them (exporter/cluster/mirror.h). Ingresses name hosts; a Service is a
// target where its annotation mtls-exporter/probe says so: `true`, under its own name, or `endpoints`, each pod behind it.
#include <algorithm>
#include <charconv>
#include <map>

#include "exporter/cluster/mirror.h"
#include "exporter/discovery/candidates.h"

namespace exporter::discovery {

namespace {

using cluster::Endpoints;
using cluster::Hosts;
using cluster::Object;
using cluster::ObjectPtr;
using cluster::Offer;
using cluster::Port;

// Several changes that come together are one.
constexpr std::chrono::milliseconds settling(200);

std::string annotation(const Offer& offer, const std::string& name) {
  const auto found = offer.annotations.find(name);
  return found == offer.annotations.end() ? "" : found->second;
}

bool is_tls(const Port& port) {
  return port.number == 443 || port.number == 8443 || port.name.starts_with("https") ||
         port.name.find("tls") != std::string::npos;
}

// The ports that an annotation names, by number or by name; without one those that look like TLS, or the only one.
std::vector<Port> ports_of(const Offer& offer, std::string& wrong) {
  std::vector<Port> chosen;
  std::string written = annotation(offer, "port");
  if (written.empty()) {
    std::ranges::copy_if(offer.ports, std::back_inserter(chosen), is_tls);
    if (chosen.empty() && offer.ports.size() == 1) chosen = offer.ports;
    if (chosen.empty()) wrong = "none of its ports looks like TLS; name one with mtls-exporter/port";
    return chosen;
  }
  std::replace(written.begin(), written.end(), ',', ' ');
  for (std::size_t from = written.find_first_not_of(' '); from != std::string::npos;) {
    const std::size_t end = std::min(written.find(' ', from), written.size());
    const std::string word = written.substr(from, end - from);
    const auto named = std::ranges::find_if(
        offer.ports, [&](const Port& port) { return port.name == word || std::to_string(port.number) == word; });
    if (named == offer.ports.end()) wrong = "mtls-exporter/port names " + shown(word) + ", and it has no such port";
    else chosen.push_back(*named);
    from = written.find_first_not_of(' ', end);
  }
  return chosen;
}

class Kubernetes final : public Source {
 public:
  Kubernetes(const config::Kubernetes& settings, const Surroundings& surroundings) {
    if (settings.has_targets())
      mirror_ = std::make_unique<cluster::Mirror>(settings, cluster::Side::targets, surroundings.materials);
  }

  Look look(const std::stop_token& stopping) override {
    Look look;
    if (!mirror_) return look;
    mirror_->wait_until_settled(stopping);
    const cluster::Snapshot now = mirror_->snapshot();
    seen_ = now.version;
    for (const Trouble& trouble : now.troubles) look.troubles.add(trouble.reason, {trouble.path}, trouble.detail);
    look.complete = now.troubles.empty();
    std::multimap<std::string, ObjectPtr> slices;  // by "namespace/service"
    for (const ObjectPtr& object : now.objects)
      if (const auto* endpoints = std::get_if<Endpoints>(&object->holds))
        slices.emplace(object->space + "/" + endpoints->service, object);
    for (const ObjectPtr& object : now.objects) {
      if (const auto* hosts = std::get_if<Hosts>(&object->holds)) add(*object, *hosts, look);
      if (const auto* offer = std::get_if<Offer>(&object->holds)) add(*object, *offer, slices, look);
    }
    return look;
  }

  void rest(const std::stop_token& stopping, std::chrono::milliseconds interval) override {
    if (!mirror_) return Source::rest(stopping, interval);
    mirror_->wait_for_change(stopping, seen_, interval);
    Source::rest(stopping, settling);
  }

 private:
  static void add(const Object& object, const Hosts& hosts, Look& look) {
    for (const std::string& host : hosts.names) {
      Candidate candidate{.labels = {{"namespace", object.space}, {"ingress", object.name}}};
      take(std::move(candidate), host, 443, "ingresses/" + object.space + "/" + object.name, look);
    }
  }

  static void add(const Object& object, const Offer& offer, const std::multimap<std::string, ObjectPtr>& slices, Look& look) {
    const std::string place = "services/" + object.space + "/" + object.name, asked = annotation(offer, "probe");
    if (asked.empty() || asked == "false") return;
    const auto wrong = [&](const std::string& what) { look.troubles.add(SourceReason::bad_target, {place}, what); };
    if (asked != "true" && asked != "endpoints")
      return wrong("mtls-exporter/probe is " + shown(asked) + "; write true, endpoints or false");
    std::string mistake;
    const std::string own = object.name + "." + object.space + ".svc", written = annotation(offer, "server-name");
    for (const Port& port : ports_of(offer, mistake)) {
      const Candidate candidate{.server_name = written.empty() ? own : written,
                                .module = annotation(offer, "module"),
                                .labels = {{"namespace", object.space}, {"service", object.name}}};
      if (asked == "true") take(candidate, own, port.number, place, look);
      else each_pod(candidate, object, port, slices, place, look);
    }
    if (!mistake.empty()) wrong(mistake);
  }

  // A slice has the pods' own ports, under the names of the Service's.
  static void each_pod(const Candidate& candidate, const Object& service, const Port& port,
                       const std::multimap<std::string, ObjectPtr>& slices, const std::string& place, Look& look) {
    const auto [first, last] = slices.equal_range(service.space + "/" + service.name);
    for (auto slice = first; slice != last; ++slice) {
      const auto& endpoints = std::get<Endpoints>(slice->second->holds);
      for (const Port& pod_port : endpoints.ports)
        if (pod_port.name == port.name)
          for (const std::string& address : endpoints.addresses) take(candidate, address, pod_port.number, place, look);
    }
  }

  static void take(Candidate candidate, const std::string& host, std::uint16_t port, const std::string& place, Look& look) {
    const std::string bracketed = host.find(':') == std::string::npos ? host : "[" + host + "]";
    const std::string wrong = aim(candidate, bracketed + ":" + std::to_string(port));
    if (!wrong.empty()) return look.troubles.add(SourceReason::bad_target, {place}, wrong);
    if (look.found.size() < most_candidates) look.found.push_back(std::move(candidate));
    else if (look.found.size() == most_candidates) look.troubles.add(SourceReason::too_large, {place}, "too many targets");
  }

  std::unique_ptr<cluster::Mirror> mirror_;  // null: no resource with targets
  std::uint64_t seen_ = 0;
};

}  // namespace

std::unique_ptr<Source> kubernetes(const config::Discovery& discovery, const Surroundings& surroundings) {
  return std::make_unique<Kubernetes>(std::get<config::Kubernetes>(discovery.source), surroundings);
}

}  // namespace exporter::discovery
