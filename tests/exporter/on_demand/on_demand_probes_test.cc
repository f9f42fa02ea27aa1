// /probe from the request to the answer, against scripted servers and a scripted DNS.
#include "exporter/on_demand/on_demand_probes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <stop_token>

#include "config/load.h"
#include "exporter/vocabulary.h"
#include "exporter/web/request_reader.h"
#include "tests/support/name_server.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/probing.h"
#include "tests/support/tls_peer.h"

namespace exporter::on_demand {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using testing::HasSubstr;
using testing::Not;

class OnDemand : public testing::Test {
 protected:
  OnDemand() {
    folder_.write("root.pem", pem(world_.authority.certificate.get()));
    folder_.write("client.pem", pem(world_.client.certificate.get()) + pem(world_.client.key.get()));
  }

  // What answers for the configuration `text`, which knows the trust store `estate` and the identity `client`.
  void open(const std::string& text, OnDemandOptions options = {}) {
    const std::string common =
        "trust: {estate: {ca_files: [root.pem]}}\nidentities: {client: {certificate_file: client.pem, trust: estate}}\n"
        "defaults: {trust: estate, timeout: 5s}\n";
    const auto settings =
        std::make_shared<const config::Settings>(config::load_text(common + text, folder_.path() + "/m.yml", vocabulary()));
    options.name_servers = names_.address();
    materials_ = load_materials(settings, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    on_demand_ = std::make_unique<OnDemandProbes>([this] { return materials_; }, own_, options);
  }

  // Asks, and hands out what the answer will come by.
  std::future<web::Response> ask(const std::string& query, const std::map<std::string, std::string>& headers = {},
                                 std::stop_token gone = {}) {
    auto request = std::make_shared<web::Request>();
    EXPECT_TRUE(web::split_target("/probe?" + query, *request));
    for (const auto& [name, value] : headers) request->headers[name] = value;
    request->gone = std::move(gone);
    auto answer = std::make_shared<std::promise<web::Response>>();
    on_demand_->answer(request, [answer](web::Response response) { answer->set_value(std::move(response)); });
    return answer->get_future();
  }
  web::Response answer(const std::string& query, const std::map<std::string, std::string>& headers = {}) {
    return ask(query, headers).get();
  }

  TlsPeerOptions mutual(std::vector<Act> script = answer_http("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) const {
    return {.identity = &world_.server,
            .client = ClientCertificate::required,
            .client_anchor = world_.authority.certificate.get(),
            .after_handshake = std::move(script)};
  }

  static std::string at(const TlsPeer& peer, const std::string& host = "127.0.0.1") {
    return host + ":" + std::to_string(peer.port());
  }

  World world_;
  TemporaryFolder folder_;
  NameServer names_;
  metrics::OwnMetrics own_{Build{}};
  MaterialsPtr materials_;
  std::unique_ptr<OnDemandProbes> on_demand_;
};

TEST_F(OnDemand, AnswersWithBothFamilies) {
  const TlsPeer peer(mutual());
  open("targets: [{name: payments, address: '" + at(peer) +
       "', protocol: https, identity: client, labels: {owner: x}}]\nlabels: {site: berlin}\n");
  const web::Response response = answer("target=payments");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  const std::string& text = response.body.text();
  EXPECT_THAT(
      text,
      HasSubstr("mtls_probe_success{target=\"payments\",identity=\"client\",address=\"\",owner=\"x\",site=\"berlin\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mtls_client_certificate_accepted{target=\"payments\",identity=\"client\",address=\"\",owner=\"x\","
                              "site=\"berlin\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nprobe_success 1\n"));
  EXPECT_THAT(text, HasSubstr("\nprobe_http_status_code 200\n"));
  EXPECT_THAT(text, HasSubstr("\nprobe_tls_version_info{version=\"TLS 1.3\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("# EOF")));
  EXPECT_THAT(text, Not(HasSubstr("mtls_client_auth_knock")));
}

// The exporter's want is no failure of the target.
TEST_F(OnDemand, AProbeWithoutADescriptorIsToComeBack) {
  const TlsPeer peer(mutual());
  open("targets: [{name: payments, address: '" + at(peer) + "', identity: client}]\n");
  {
    const NoDescriptors none;
    EXPECT_EQ(answer("target=payments").status, 503);
  }
  EXPECT_THAT(answer("target=payments").body.text(), HasSubstr("\nprobe_success 1\n"));
}

TEST_F(OnDemand, SpeaksOpenMetrics) {
  const TlsPeer peer(mutual());
  open("targets: [{name: payments, address: '" + at(peer) + "', identity: client}]\n");
  const web::Response response = answer("target=payments", {{"accept", "application/openmetrics-text; version=1.0.0"}});
  EXPECT_THAT(response.content_type, HasSubstr("application/openmetrics-text"));
  EXPECT_TRUE(response.body.text().ends_with("# EOF\n"));
  EXPECT_EQ(response.body.text().find("# EOF"), response.body.text().size() - 6) << "once";
}

// Under TLS 1.3 our handshake is over before the server refuses: blackbox_exporter calls that a success.
TEST_F(OnDemand, ARefusalAfterTheHandshakeIsNoSuccess) {
  TlsPeerOptions options = mutual({act::Silence{}});
  const Issued stranger = root("Somebody Else");
  options.client_anchor = stranger.certificate.get();
  options.refusal = act::Alert{48};
  const TlsPeer peer(std::move(options));
  open("targets: [{name: payments, address: '" + at(peer) + "', identity: client}]\n");
  const std::string text = answer("target=payments").body.text();
  EXPECT_THAT(text, HasSubstr("\nprobe_success 0\n"));
  EXPECT_THAT(text, HasSubstr("stage=\"client_certificate\",reason=\"unknown_ca\""));
  EXPECT_THAT(text, HasSubstr("\nprobe_ssl_earliest_cert_expiry 1"));
}

TEST_F(OnDemand, TheScrapesTimeoutEndsTheProbe) {
  const TlsPeer peer({.before_handshake = {act::Silence{}}});
  open("modules: {m: {timeout: 60s}}\ntargets: [{name: silent, address: '" + at(peer) + "', module: m}]\n");
  const std::string text = answer("target=silent", {{"x-prometheus-scrape-timeout-seconds", "0.6"}}).body.text();
  EXPECT_THAT(text, HasSubstr("reason=\"handshake_timeout\""));
  EXPECT_THAT(text, testing::ContainsRegex("\nprobe_duration_seconds [0-9][.]")) << "not the module's minute";
}

TEST_F(OnDemand, AProbeWhoseClientHasGoneIsGivenUp) {
  const TlsPeer peer({.before_handshake = {act::Silence{}}});
  open("modules: {m: {timeout: 60s}}\ntargets: [{name: silent, address: '" + at(peer) + "', module: m}]\n", {.in_flight = 1});
  std::stop_source client;
  auto abandoned = ask("target=silent", {}, client.get_token());
  ASSERT_TRUE(peer.wait_until([](const auto& seen) { return !seen.empty(); }));
  EXPECT_EQ(answer("target=silent").status, 503) << "every place is taken";
  client.request_stop();
  EXPECT_EQ(abandoned.wait_for(30s), std::future_status::ready) << "long before the probe's timeout";
  EXPECT_TRUE(peer.wait_until([](const auto& seen) { return seen.front().ended; }));
  EXPECT_EQ(answer("target=silent", {{"x-prometheus-scrape-timeout-seconds", "0.6"}}).status, 200) << "there is room again";
}

TEST_F(OnDemand, WhereEveryPlaceIsTakenItSaysWhenToComeBack) {
  const TlsPeer peer({.before_handshake = {act::Silence{}}});
  open("modules: {m: {timeout: 60s}}\ntargets: [{name: silent, address: '" + at(peer) + "', module: m}]\n", {.in_flight = 2});
  std::stop_source clients;
  auto one = ask("target=silent", {}, clients.get_token()), two = ask("target=silent", {}, clients.get_token());
  const web::Response refused = answer("target=silent");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.headers, testing::Contains(testing::Pair("Retry-After", "1")));
  clients.request_stop();
  one.wait();
  two.wait();
}

TEST_F(OnDemand, StopsInTheMiddleOfAProbe) {
  const TlsPeer peer({.before_handshake = {act::Silence{}}});
  open("modules: {m: {timeout: 60s}}\ntargets: [{name: silent, address: '" + at(peer) + "', module: m}]\n");
  auto never = ask("target=silent");
  ASSERT_TRUE(peer.wait_until([](const auto& seen) { return !seen.empty(); }));
  on_demand_->stop();
  on_demand_.reset();
  EXPECT_THROW(never.get(), std::future_error) << "the reply was dropped";
}

TEST_F(OnDemand, IsNotReadyBeforeTheMaterialsAre) {
  open("targets: []\n");
  materials_.reset();
  EXPECT_EQ(answer("target=x").status, 503);
}

// DNS rebinding: whatever the name led to when it was allowed, the address connected to is what counts.
TEST_F(OnDemand, AnOpenNameThatLeadsToAClosedAddressIsRefused) {
  const TlsPeer peer({.identity = &world_.server});
  const std::string port = std::to_string(peer.port());
  open("web: {probe: {allow: {ports: [" + port + "], names: ['*.x']}}}\n");
  for (const std::string name : {"a.x", "many.x", "metadata.x", "mapped.x", "a.x."}) {
    const web::Response response = answer("target=" + name + ":" + port);
    EXPECT_EQ(response.status, 403) << name;
    EXPECT_THAT(response.body.text(), HasSubstr("may not be probed: ")) << name;
  }
  EXPECT_TRUE(peer.seen().empty());
}

TEST_F(OnDemand, OfAnOpenNameTheAddressesInANetworkAreProbed) {
  const TlsPeer peer({.identity = &world_.server});
  const std::string port = std::to_string(peer.port());
  open("web: {probe: {allow: {ports: [" + port + "], names: ['*.x'], networks: [127.0.0.1]}}}\n");
  const web::Response response = answer("target=many.x:" + port);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body.text(), HasSubstr("endpoint=\"127.0.0.1:" + port + "\""));
  EXPECT_TRUE(peer.wait_until([](const auto& seen) { return seen.size() == 1; }));
}

TEST_F(OnDemand, AConfiguredNameThatLeadsToMetadataIsRefused) {
  open("targets: [{address: 'metadata.x:80'}, {address: 'mapped.x:80'}]\n");
  for (const std::string name : {"metadata.x:80", "mapped.x:80"}) {
    const web::Response response = answer("target=" + name);
    EXPECT_EQ(response.status, 403) << name;
    EXPECT_THAT(response.body.text(), HasSubstr("link-local, which is never probed")) << name;
  }
}

TEST_F(OnDemand, OneAddressOfAConfiguredName) {
  const TlsPeer peer({.identity = &world_.server});
  open("targets: [{name: t, address: '" + at(peer, "many.x") + "'}]\n");
  EXPECT_THAT(answer("target=t&address=127.0.0.1").body.text(), HasSubstr("endpoint=\"127.0.0.1:"));
  const web::Response other = answer("target=t&address=127.0.9.9");
  EXPECT_EQ(other.status, 403);
  EXPECT_THAT(other.body.text(), HasSubstr("it is no address of the target"));
}

TEST_F(OnDemand, ANameThatCannotBeResolvedIsAResult) {
  open("targets: [{address: 'missing.x:443'}]\n");
  const web::Response response = answer("target=missing.x:443");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body.text(), HasSubstr("reason=\"name_not_found\""));
  EXPECT_THAT(response.body.text(), HasSubstr("\nprobe_ip_protocol 0\n"));
}

TEST_F(OnDemand, ExplainsInsteadWhenAskedTo) {
  const TlsPeer peer(mutual());
  open("targets: [{name: payments, address: '" + at(peer) + "', protocol: https, identity: client}]\n");
  const web::Response response = answer("target=payments&debug=true", {{"accept", "application/openmetrics-text"}});
  EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
  const std::string& text = response.body.text();
  EXPECT_THAT(text, HasSubstr("verdict       accepted"));
  EXPECT_THAT(text, HasSubstr("Steps, of at most 5000 ms\n"));
  EXPECT_THAT(text, HasSubstr("  handshake  "));
  EXPECT_THAT(text, HasSubstr(pem(world_.server.certificate.get())));
  EXPECT_THAT(text, HasSubstr("\nprobe_success 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("PRIVATE KEY")));
}

}  // namespace
}  // namespace exporter::on_demand
