// The exporter put together: what a new configuration, good or bad, does to a running one.
#include "exporter/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <thread>

#include "config/load.h"
#include "probes/chain/judge.h"
#include "tests/exporter/web/client.h"
#include "tests/support/probing.h"
#include "tests/support/tls_peer.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using testing::HasSubstr;
using testing::Not;

// The client certificate of the last connection that has shown one.
std::string last_subject(const std::vector<SeenConnection>& connections) {
  for (auto connection = connections.rbegin(); connection != connections.rend(); ++connection)
    if (!connection->client_subject.empty()) return connection->client_subject;
  return {};
}

class Running : public testing::Test {
 protected:
  Running() {
    folder_.write("root.pem", pem(world_.authority.certificate.get()));
    folder_.write("client.pem", pem(world_.client.certificate.get()) + pem(world_.client.key.get()));
  }

  // A configuration that watches `targets`, given as name and port.
  std::string watching(const std::vector<std::pair<std::string, std::uint16_t>>& targets) const {
    std::string text =
        "trust: {estate: {ca_files: [root.pem]}}\n"
        "identities: {client: {certificate_file: client.pem, trust: estate}}\n"
        "defaults: {trust: estate, identity: client, interval: 1s, timeout: 1s}\n"
        "targets:\n";
    for (const auto& [name, port] : targets)
      text += "  - {name: " + name + ", address: 'localhost:" + std::to_string(port) + "'}\n";
    return text;
  }

  void start(const std::string& configuration) {
    const std::string file = folder_.write("estate.yml", configuration);
    service_ = std::make_unique<Service>(file, Serve{.listen = {{"127.0.0.1", 0}}, .enable_lifecycle = true});
  }

  tests::web::Answer ask(const std::string& method, const std::string& path) const {
    const tests::web::Client client(service_->addresses()[0]);
    client.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return client.answer();
  }
  std::string scrape() const { return ask("GET", "/metrics").body; }

  bool eventually_scraped(const std::string& line) const {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < deadline) {
      if (scrape().find(line) != std::string::npos) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }

  TlsPeerOptions demanding() const {
    TlsPeerOptions options;
    options.identity = &world_.server;
    options.client = ClientCertificate::required;
    options.client_anchor = world_.authority.certificate.get();
    return options;
  }

  World world_;
  TemporaryFolder folder_;
  std::unique_ptr<Service> service_;
};

// What was found in the last moments is not adopted any more, and nobody waits for it.
TEST_F(Running, StopsAmidWhatWasJustFound) {
  folder_.write("found.json", R"([{"targets": ["localhost:1"]}])");
  for (int round = 0; round < 5; ++round) {
    start("discovery: [{file_sd: [found.json]}]\n");
    std::this_thread::sleep_for(20ms * round);
    service_->stop();
    service_.reset();
  }
}

TEST_F(Running, WatchesWhatItsConfigurationNames) {
  const TlsPeer peer(demanding());
  start(watching({{"a", peer.port()}}));
  EXPECT_TRUE(eventually_scraped("mtls_probe_success{target=\"a\",identity=\"client\",address=\"\"} 1\n"));
  EXPECT_EQ(ask("GET", "/-/ready").status, 200);
  EXPECT_THAT(scrape(), HasSubstr("mtls_identity_usable{identity=\"client\"} 1\n"));
}

// One chain behind three targets is read and judged once, and once more for the identity.
TEST_F(Running, JudgesAChainOnceHoweverManyServersSendIt) {
  const TlsPeer peer(demanding());
  const std::uint64_t judged = probes::chain::chains_judged();
  start(watching({{"a", peer.port()}, {"b", peer.port()}, {"c", peer.port()}}));
  for (const char* name : {"a", "b", "c"})
    EXPECT_TRUE(
        eventually_scraped("mtls_probe_success{target=\"" + std::string(name) + "\",identity=\"client\",address=\"\"} 1\n"));
  EXPECT_EQ(probes::chain::chains_judged() - judged, 2u);
  EXPECT_THAT(scrape(), HasSubstr("mtls_exporter_chains_judged_total " + std::to_string(judged + 2) + "\n"));
}

TEST_F(Running, AKnockWithAnIdentityThatCannotBeUsedIsUndeterminedAndSaysWhy) {
  const TlsPeer peer(demanding());
  testing::internal::CaptureStderr();
  start(
      "trust: {estate: {ca_files: [root.pem]}}\n"
      "identities: {client: {certificate_file: client.pem}, partner: {certificate_file: absent.pem}}\n"
      "defaults: {trust: estate, identity: client, interval: 1s, timeout: 1s, client_auth: {must_refuse: [partner], every: 1s}}\n"
      "targets: [{name: a, address: 'localhost:" +
      std::to_string(peer.port()) + "'}]\n");
  EXPECT_TRUE(eventually_scraped(
      "mtls_client_auth_knock{target=\"a\",identity=\"client\",address=\"\",knock=\"partner\",answer=\"undetermined\"} 1\n"));
  EXPECT_THAT(scrape(), HasSubstr("mtls_identity_problem{identity=\"partner\",problem=\"certificate_missing\"} 1\n"));
  EXPECT_THAT(scrape(), Not(HasSubstr("mtls_client_auth_enforced{")));
  service_.reset();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("the door cannot be knocked at: the identity cannot be used\" target=a knock=partner "
                              "detail=\"identity `partner` has no usable certificate and key"));
}

TEST_F(Running, IsNotReadyBeforeEveryTargetWasTried) {
  TlsPeerOptions mute = demanding();
  mute.before_handshake = {act::Silence{}};
  const TlsPeer peer(mute);
  start(watching({{"a", peer.port()}}));
  EXPECT_EQ(ask("GET", "/-/ready").status, 503);
  EXPECT_EQ(ask("GET", "/-/healthy").status, 200);
}

TEST_F(Running, ANewConfigurationReplacesTheOldOneWithAllItsSeries) {
  const TlsPeer peer(demanding());
  start(watching({{"old", peer.port()}}));
  ASSERT_TRUE(eventually_scraped("mtls_probe_success{target=\"old\",identity=\"client\",address=\"\"} 1\n"));
  folder_.write("estate.yml", watching({{"new", peer.port()}}));
  EXPECT_EQ(ask("POST", "/-/reload").status, 200);
  EXPECT_TRUE(eventually_scraped("mtls_probe_success{target=\"new\",identity=\"client\",address=\"\"} 1\n"));
  EXPECT_THAT(scrape(), Not(HasSubstr("\"old\"")));
}

// A rotation in the middle of a handshake: the probe under way finishes as who it began, the next one is the new identity, and
// none of them fails.
TEST_F(Running, ARotatedIdentityDropsNoProbe) {
  std::promise<void> rotated;
  const std::shared_future<void> go_on = rotated.get_future().share();
  TlsPeerOptions held_back = demanding();
  held_back.configure = [&go_on](SSL_CTX* context) {
    SSL_CTX_set_client_hello_cb(
        context,
        [](SSL*, int*, void* future) {
          static_cast<const std::shared_future<void>*>(future)->wait();
          return SSL_CLIENT_HELLO_SUCCESS;
        },
        const_cast<std::shared_future<void>*>(&go_on));
  };
  const TlsPeer held(held_back);
  const TlsPeer quick(demanding());
  start(
      "trust: {estate: {ca_files: [root.pem]}}\n"
      "identities: {client: {certificate_file: client.pem, trust: estate}}\n"
      "defaults: {trust: estate, identity: client}\n"
      "targets:\n"
      "  - {name: held, address: 'localhost:" +
      std::to_string(held.port()) +
      "', interval: 30s, timeout: 30s}\n"
      "  - {name: quick, address: 'localhost:" +
      std::to_string(quick.port()) + "', interval: 1s, timeout: 1s}\n");
  ASSERT_TRUE(held.wait_until([](const auto& connections) { return !connections.empty(); }));
  const Issued next = issue({.common_name = "service-b", .extended_key_usage = "clientAuth"}, &world_.authority);
  const std::string beside = folder_.write("client.pem.new", pem(next.certificate.get()) + pem(next.key.get()));
  std::filesystem::rename(beside, folder_.path() + "/client.pem");
  ASSERT_TRUE(quick.wait_until([](const auto& connections) { return last_subject(connections) == "CN=service-b"; }));
  rotated.set_value();
  ASSERT_TRUE(eventually_scraped("mtls_client_certificate_accepted{target=\"held\",identity=\"client\",address=\"\"} 1\n"));
  EXPECT_EQ(held.seen().at(0).client_subject, "CN=service-a");
  const std::string text = scrape();
  for (const std::string target : {"held", "quick"})
    EXPECT_THAT(text, HasSubstr("mtls_handshake_failures_total{target=\"" + target + "\",identity=\"client\",address=\"\"} 0\n"));
}

TEST_F(Running, AWrongConfigurationIsRefusedAndTheOldOneKeepsRunning) {
  const TlsPeer peer(demanding());
  start(watching({{"a", peer.port()}}));
  ASSERT_TRUE(eventually_scraped("mtls_probe_success{target=\"a\",identity=\"client\",address=\"\"} 1\n"));
  folder_.write("estate.yml", "targets:\n  - {adress: 'b:1'}\n");
  const auto refused = ask("POST", "/-/reload");
  EXPECT_EQ(refused.status, 500);
  EXPECT_THAT(refused.body, HasSubstr("estate.yml:2:6: unknown key `adress`"));
  const std::string text = scrape();
  EXPECT_THAT(text, HasSubstr("mtls_exporter_config_last_reload_successful 0\n"));
  EXPECT_THAT(text, HasSubstr("mtls_probe_success{target=\"a\""));
}

TEST_F(Running, AChangedFileIsNoticedWithoutBeingTold) {
  const TlsPeer peer(demanding());
  start(watching({{"old", peer.port()}}));
  service_->reload_if_changed();
  folder_.write("estate.yml", watching({{"another", peer.port()}}));
  service_->reload_if_changed();
  EXPECT_TRUE(eventually_scraped("target=\"another\""));
}

// A list of targets of the same closed port, told apart by their names.
std::string closed_targets(const std::string& prefix, int count, std::uint16_t port, const std::string& kept) {
  std::string text = "[";
  for (int number = 0; number < count; ++number) {
    const std::string name = number == 0 ? kept : prefix + std::to_string(number);
    text += (number == 0 ? "" : ",") + std::string(R"({"targets": ["127.0.0.1:)") + std::to_string(port) +
            R"("], "labels": {"name": ")" + name + R"(", "__param_server_name": ")" + name + ".example\"}}";
  }
  return text + "]";
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(Running, TargetsOfAFileAreWatchedAndGoWithAllTheirSeries) {
  const TlsPeer peer(demanding());
  const auto entry = [&](const std::string& name) {
    return R"([{"targets": ["localhost:)" + std::to_string(peer.port()) + R"("], "labels": {"name": ")" + name + "\"}}]";
  };
  folder_.write("targets.json", entry("one"));
  start(watching({}) + "discovery: [{file_sd: [targets.json], interval: 1h, labels: {team: a}}]\n");
  EXPECT_TRUE(eventually_scraped("mtls_probe_success{target=\"one\",identity=\"client\",address=\"\",team=\"a\"} 1\n"));
  EXPECT_TRUE(eventually_scraped("mtls_source_up{source=\"discovery\",name=\"file_sd\",team=\"a\"} 1\n"));
  EXPECT_THAT(scrape(),
              HasSubstr("mtls_source_errors_total{source=\"discovery\",name=\"file_sd\",team=\"a\",reason=\"bad_syntax\"} 0\n"));
  folder_.write("targets.json", entry("two"));
  EXPECT_TRUE(eventually_scraped("mtls_probe_success{target=\"two\",identity=\"client\",address=\"\",team=\"a\"} 1\n"));
  EXPECT_THAT(scrape(), Not(HasSubstr("target=\"one\"")));
  EXPECT_EQ(ask("GET", "/probe?target=two").status, 200);
  EXPECT_EQ(ask("GET", "/probe?target=one").status, 400);
}

TEST_F(Running, AListReplacedAtOnceLosesNoProbeAndDoublesNone) {
  const std::uint16_t port = closed_port();
  folder_.write("targets.json", closed_targets("old", 400, port, "kept"));
  start("defaults: {interval: 1h}\ndiscovery: [{file_sd: [targets.json], interval: 1h}]\n");
  const auto probed = [&](const std::string& prefix) {
    const std::string text = scrape();
    std::size_t once = 0;
    for (int number = 1; number < 400; ++number)
      once += text.find("mtls_probes_total{target=\"" + prefix + std::to_string(number) + "\",identity=\"\",address=\"\"} 1\n") !=
              std::string::npos;
    return once;
  };
  const auto until_probed = [&](const std::string& prefix) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (probed(prefix) != 399 && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(50ms);
    return probed(prefix);
  };
  ASSERT_EQ(until_probed("old"), 399u);
  const std::string beside = folder_.write("targets.new", closed_targets("new", 400, port, "kept"));
  std::filesystem::rename(beside, folder_.path() + "/targets.json");
  ASSERT_EQ(until_probed("new"), 399u);
  const std::string text = scrape();
  EXPECT_THAT(text, HasSubstr("mtls_probes_total{target=\"kept\",identity=\"\",address=\"\"} 1\n"));
  EXPECT_EQ(count_of(text, "mtls_probes_total{target="), 400u);
  EXPECT_EQ(count_of(text, "target=\"old"), 0u);
  EXPECT_THAT(text, HasSubstr("mtls_exporter_targets 400\n"));
}

TEST_F(Running, AWrongConfigurationDoesNotStart) {
  EXPECT_THROW(start("targets:\n  - {address: 'b:1', module: none}\n"), config::ConfigurationError);
}

TEST_F(Running, AMissingKeyFileIsAFindingAndTheServerIsWatchedAllTheSame) {
  const TlsPeer peer(demanding());
  folder_.write("client.pem", pem(world_.client.certificate.get()));
  start(watching({{"a", peer.port()}}));
  EXPECT_TRUE(eventually_scraped("address=\"\",stage=\"client_certificate\",reason=\"identity_unusable\""));
  const std::string text = scrape();
  EXPECT_THAT(text, HasSubstr("mtls_identity_usable{identity=\"client\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("mtls_certificate_expiry_days{source=\"server\",target=\"a\""));
}

}  // namespace
}  // namespace exporter
