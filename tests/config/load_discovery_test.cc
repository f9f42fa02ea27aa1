#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "tests/config/mistake_in.h"

namespace config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Vocabulary vocabulary{.protocols = {"tls"}, .findings = {}, .reserved_labels = {"target", "name"}};

Settings read(const std::string& entries) {
  return load_text(
      "trust: {estate: {system: true}}\nidentities: {a: {certificate_file: a.pem}}\nmodules: {web: {}}\ndiscovery:\n" + entries,
      "/etc/x/estate.yml", vocabulary);
}

std::string mistake(const std::string& entry) { return mistake_in(read, entry); }

TEST(LoadDiscovery, SourcesAreReadInTheOrderWritten) {
  const Settings settings = read(
      "- {file_sd: [t/*.json], module: web, labels: {team: a}}\n- {http_sd: 'https://x/t'}\n- {http_sd: {url: 'http://x/', "
      "trust: estate, identity: a, timeout: 3s}, name: cmdb}\n"
      "- {dns: {names: [_https._tcp.x], type: SRV}}\n- {sweep: {cidrs: [10.0.0.0/24], ports: [443]}, interval: 1h}\n- {nginx: "
      "[/n.conf]}\n- {haproxy: [/h.cfg]}\n- {file_sd: [u.yml]}\n");
  std::vector<std::string> names;
  for (const Discovery& discovery : settings.discovery) names.push_back(discovery.name);
  EXPECT_THAT(names, ElementsAre("file_sd", "http_sd", "cmdb", "dns", "sweep", "nginx", "haproxy", "file_sd_2"));
  EXPECT_EQ(std::get<FileSd>(settings.discovery[0].source).paths, std::vector<std::string>{"/etc/x/t/*.json"});
  EXPECT_EQ(settings.discovery[0].module->name, "web");
  EXPECT_EQ(std::get<HttpSd>(settings.discovery[2].source).identity, "a");
  EXPECT_EQ(settings.discovery[4].interval, std::chrono::hours(1));
  EXPECT_EQ(settings.discovery[3].interval, std::chrono::seconds(30));
}

TEST(LoadDiscovery, AClusterSaysWhereItsApiIsAndWhatIsLookedAt) {
  const Settings settings = read(
      "- {kubernetes: {kubeconfig: k, context: c, resources: [services, secrets, secrets], namespaces: [b, a, b], "
      "label_selector: "
      "'tier=web', exclude: ['*/x'], passphrase_file: p, certificates_trust: estate, publish_within: 90d, max_series: 7}}\n"
      "- {kubernetes: {url: 'https://x:6443/', trust: estate, identity: a, token_file: t, resources: [secrets]}, labels: "
      "{cluster: x}}\n");
  const auto& one = std::get<Kubernetes>(settings.discovery[0].source);
  EXPECT_EQ(one.kubeconfig, "/etc/x/k");
  EXPECT_THAT(one.resources, ElementsAre(KubernetesResource::services, KubernetesResource::secrets));
  EXPECT_THAT(one.namespaces, ElementsAre("a", "b"));
  EXPECT_EQ(one.passphrase_files, std::vector<std::string>{"/etc/x/p"});
  EXPECT_EQ(one.certificates_trust, "estate");
  EXPECT_EQ(one.publish_within, std::chrono::days(90));
  EXPECT_EQ(one.max_series, 7u);
  EXPECT_TRUE(one.has_at_rest() && one.has_targets());
  const auto& other = std::get<Kubernetes>(settings.discovery[1].source);
  EXPECT_EQ(other.url, "https://x:6443");
  EXPECT_EQ(other.token_file, "/etc/x/t");
  EXPECT_FALSE(other.has_targets());
  EXPECT_EQ(settings.discovery[1].interval, std::chrono::minutes(5));
}

TEST(LoadDiscovery, MistakesInAClusterSayWhatWouldBeRight) {
  EXPECT_THAT(mistake("- {kubernetes: {}}"), HasSubstr("list one of secrets, configmaps"));
  EXPECT_THAT(mistake("- {kubernetes: {resources: [secret]}}"), HasSubstr("did you mean `secrets`?"));
  EXPECT_THAT(mistake("- {kubernetes: {resources: [secrets], url: 'https://x', kubeconfig: k}}"), HasSubstr("write one of them"));
  EXPECT_THAT(mistake("- {kubernetes: {resources: [secrets], trust: estate}}"), HasSubstr("go with `url`"));
  EXPECT_THAT(mistake("- {kubernetes: {resources: [secrets], url: 'https://u:p@x'}}"), HasSubstr("user or password"));
  EXPECT_THAT(mistake("- {kubernetes: {resources: [secrets], url: 'http://x', token_file: t}}"), HasSubstr("https:// URL"));
  EXPECT_THAT(mistake("- {kubernetes: {resources: [secrets], namespaces: ['../x']}}"), HasSubstr("is no namespace"));
  EXPECT_THAT(mistake("- {kubernetes: {resources: [endpointslices]}}"), HasSubstr("list `services`, too"));
  const std::string secrets = "- {kubernetes: {resources: [secrets]}}\n";
  EXPECT_THAT(mistake(secrets + secrets), HasSubstr("labels: {cluster: NAME}"));
  EXPECT_THAT(mistake(secrets + "files: [{name: kubernetes, paths: [/a]}]"), HasSubstr("a set of files is called `kubernetes`"));
}

TEST(LoadDiscovery, AConsulSaysWhereItIsAndWhichServicesAreLookedAt) {
  const Settings settings = read(
      "- {consul: {url: 'https://c:8501/', token_file: t, datacenter: dc1, namespace: n, services: [web], tags: [tls], trust: "
      "estate, identity: a, timeout: 3s}}\n- {consul: {url: 'http://localhost:8500', token_file: t}, interval: 1h}\n");
  const auto& one = std::get<Consul>(settings.discovery[0].source);
  EXPECT_EQ(one.url, "https://c:8501");
  EXPECT_EQ(one.token_file, "/etc/x/t");
  EXPECT_EQ(one.datacenter, "dc1");
  EXPECT_EQ(one.consul_namespace, "n");
  EXPECT_THAT(one.services, ElementsAre("web"));
  EXPECT_THAT(one.tags, ElementsAre("tls"));
  EXPECT_EQ(one.trust, "estate");
  EXPECT_EQ(one.identity, "a");
  EXPECT_EQ(one.timeout, std::chrono::seconds(3));
  EXPECT_EQ(settings.discovery[0].interval, std::chrono::minutes(5));
  EXPECT_EQ(settings.discovery[1].name, "consul_2");
}

TEST(LoadDiscovery, MistakesInAConsulSayWhatWouldBeRight) {
  EXPECT_THAT(mistake("- {consul: {}}"), HasSubstr("`consul` without `url`"));
  EXPECT_THAT(mistake("- {consul: {url: 'https://u:p@x'}}"), HasSubstr("user or password"));
  EXPECT_THAT(mistake("- {consul: {url: 'http://x:8500', token_file: t}}"), HasSubstr("https:// URL"));
  EXPECT_THAT(mistake("- {consul: {url: 'https://x', datacenter: 'a&b'}}"), HasSubstr("no name of Consul's"));
  EXPECT_THAT(mistake("- {consul: {url: 'https://x', trust: estat}}"), HasSubstr("did you mean `estate`?"));
}

TEST(LoadDiscovery, AnEntryHasExactlyOneSource) {
  EXPECT_THAT(mistake("- {module: web}"), HasSubstr("exactly one source, and has 0; write one of file_sd"));
  EXPECT_THAT(mistake("- {file_sd: [a], nginx: [b]}"), HasSubstr("exactly one source, and has 2"));
}

TEST(LoadDiscovery, MistakesSayWhatWouldBeRight) {
  EXPECT_THAT(mistake("- {file_sd: [a], module: wev}"), HasSubstr("did you mean `web`?"));
  EXPECT_THAT(mistake("- {file_sd: []}"), HasSubstr("no path"));
  EXPECT_THAT(mistake("- {http_sd: 'ftp://x'}"), HasSubstr("no URL of HTTP"));
  EXPECT_THAT(mistake("- {http_sd: 'https://u:p@x/'}"), HasSubstr("user or password"));
  EXPECT_THAT(mistake("- {http_sd: {trust: estate}}"), HasSubstr("`http_sd` without `url`"));
  EXPECT_THAT(mistake("- {dns: {names: [x], type: A}}"), HasSubstr("give it one: port: 443"));
  EXPECT_THAT(mistake("- {dns: {names: [x], port: 1}}"), HasSubstr("leave `port` out"));
  EXPECT_THAT(mistake("- {dns: {type: SRV}}"), HasSubstr("`dns` without `names`"));
  EXPECT_THAT(mistake("- {sweep: {cidrs: [10.0.0.0/8], ports: [1, 2, 3]}}"), HasSubstr("more than 16777216"));
  EXPECT_THAT(mistake("- {sweep: {cidrs: ['::/0'], ports: [1]}}"), HasSubstr("more than 16777216"));
  EXPECT_THAT(mistake("- {sweep: {ports: [1]}}"), HasSubstr("`sweep` without `cidrs`"));
  EXPECT_THAT(mistake("- {sweep: {cidrs: [10.0.0.0/24], ports: [1], rate: 0}}"), HasSubstr("from 1 to 10000"));
  EXPECT_THAT(mistake("- {file_sd: [a], name: x}\n- {nginx: [a], name: x}"), HasSubstr("duplicate name `x`"));
}

TEST(LoadDiscovery, ANameThatSomebodyHasIsNotGivenTwice) {
  const Settings settings = read("- {file_sd: [a]}\n- {nginx: [a], name: file_sd}\n");
  EXPECT_EQ(settings.discovery[0].name, "file_sd_2");
}

}  // namespace
}  // namespace config
