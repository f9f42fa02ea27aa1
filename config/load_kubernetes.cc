// discovery: kubernetes. How a cluster is reached, and what is looked at in it.
#include <algorithm>
#include <cctype>
#include <iterator>

#include "config/sections.h"

namespace config {
namespace {

using enum KubernetesResource;

constexpr Word<KubernetesResource> resource_words[] = {
    {"secrets", secrets},     {"configmaps", configmaps}, {"webhooks", webhooks},
    {"ingresses", ingresses}, {"services", services},     {"endpointslices", endpointslices},
};

void take_url(const Node& node, Kubernetes& cluster, Reading& reading) {
  if (!take(node, cluster.url, reading.mistakes)) return;
  const bool known = cluster.url.starts_with("https://") || cluster.url.starts_with("http://");
  if (!known) reading.mistakes.add(node.place(), quote(cluster.url) + " is no URL", "write one like https://10.0.0.1:6443");
  if (cluster.url.find('@') != std::string::npos)
    reading.mistakes.add(node.place(), "a URL with a user or password in it", "use `token_file` or `identity`");
  while (cluster.url.ends_with('/')) cluster.url.pop_back();
}

template <auto member>
void trust_into(const Node& node, Kubernetes& cluster, Reading& reading) {
  if (check_word(node, "trust store", names(reading.settings.trust), reading.mistakes)) cluster.*member = node.text();
}

void take_identity_name(const Node& node, Kubernetes& cluster, Reading& reading) {
  if (check_word(node, "identity", names(reading.settings.identities), reading.mistakes)) cluster.identity = node.text();
}

void take_resources(const Node& node, Kubernetes& cluster, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  for (const Node& item : node.items()) {
    KubernetesResource resource{};
    if (!take_word<KubernetesResource>(item, "resource", resource_words, resource, reading.mistakes)) continue;
    if (std::ranges::find(cluster.resources, resource) == cluster.resources.end()) cluster.resources.push_back(resource);
  }
}

// RFC 1123: a name that is none would be another path of the API.
bool is_namespace(const std::string& name) {
  return !name.empty() && name.size() <= 63 &&
         std::ranges::all_of(name, [](unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

void take_namespaces(const Node& node, Kubernetes& cluster, Reading& reading) {
  if (!take(node, cluster.namespaces, reading.mistakes)) return;
  for (const Node& item : node.items())
    if (!is_namespace(item.text()))
      reading.mistakes.add(item.place(), quote(item.text()) + " is no namespace",
                           "write one like payments; leave the list out for all");
  std::ranges::sort(cluster.namespaces);
  const auto twice = std::ranges::unique(cluster.namespaces);
  cluster.namespaces.erase(twice.begin(), twice.end());
}

void take_publish(const Node& node, Kubernetes& cluster, Reading& reading) {
  Publishing publish;
  take_publish_within(node, publish, reading);
  cluster.publish_within = publish.within;
}

void take_series(const Node& node, Kubernetes& cluster, Reading& reading) {
  Publishing publish;
  take_max_series(node, publish, reading);
  cluster.max_series = publish.max_series;
}

constexpr Field<Kubernetes> rows[] = {
    {"kubeconfig", path_into<&Kubernetes::kubeconfig>},
    {"context", into<&Kubernetes::context>},
    {"url", take_url},
    {"trust", trust_into<&Kubernetes::trust>},
    {"identity", take_identity_name},
    {"token_file", path_into<&Kubernetes::token_file>},
    {"resources", take_resources},
    {"namespaces", take_namespaces},
    {"label_selector", into<&Kubernetes::label_selector>},
    {"exclude", into<&Kubernetes::exclude>},
    {"passphrase_file", passphrase_files_into<&Kubernetes::passphrase_files>},
    {"certificates_trust", trust_into<&Kubernetes::certificates_trust>},
    {"publish_within", take_publish},
    {"max_series", take_series},
};

}  // namespace

Fields<Kubernetes> kubernetes_fields() { return rows; }

std::string_view word(KubernetesResource resource) { return resource_words[static_cast<std::size_t>(resource)].first; }

void take_kubernetes(const Node& node, Discovery& discovery, Reading& reading) {
  Kubernetes cluster;
  take_section(node, kubernetes_fields(), cluster, reading);
  const auto wrong = [&](std::string_view what, std::string_view right) { reading.mistakes.add(node.place(), what, right); };
  if (cluster.resources.empty())
    wrong("`kubernetes` without `resources`", "list one of secrets, configmaps, webhooks, ingresses, services, endpointslices");
  if (!cluster.kubeconfig.empty() && !cluster.url.empty()) wrong("`kubeconfig` and `url`", "write one of them, or none in a pod");
  if (cluster.url.empty() && !(cluster.trust.empty() && cluster.identity.empty() && cluster.token_file.empty()))
    wrong("`trust`, `identity` and `token_file` go with `url`", "a kubeconfig and a pod have their own");
  if (cluster.kubeconfig.empty() && !cluster.context.empty()) wrong("`context` goes with `kubeconfig`", "");
  if (!cluster.token_file.empty() && cluster.url.starts_with("http://"))
    wrong("a token over http:// could be read by anybody", "write an https:// URL");
  const auto has = [&](KubernetesResource resource) {
    return std::ranges::find(cluster.resources, resource) != cluster.resources.end();
  };
  if (has(endpointslices) && !has(services)) wrong("`endpointslices` are looked at for Services", "list `services`, too");
  discovery.source = std::move(cluster);
}

namespace {

const Kubernetes* at_rest_of(const Discovery& discovery) {
  const auto* cluster = std::get_if<Kubernetes>(&discovery.source);
  return cluster != nullptr && cluster->has_at_rest() ? cluster : nullptr;
}

}  // namespace

// `namespace/name#key` may be in two clusters, and a sample must not stand there twice.
void check_clusters(const Node& node, const Settings& settings, Reading& reading) {
  for (auto one = settings.discovery.begin(); one != settings.discovery.end(); ++one) {
    if (at_rest_of(*one) == nullptr) continue;
    if (settings.files.contains(one->name))
      reading.mistakes.add(node.place(), "a set of files is called " + quote(one->name) + ", as a cluster is",
                           "give one of them another `name`");
    for (auto other = settings.discovery.begin(); other != one; ++other)
      if (at_rest_of(*other) != nullptr && other->labels == one->labels)
        reading.mistakes.add(node.place(),
                             "the clusters " + quote(other->name) + " and " + quote(one->name) + " have the same labels",
                             "tell them apart: labels: {cluster: NAME}");
  }
}

}  // namespace config
