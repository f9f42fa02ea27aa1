// The command against scripted servers, from its options to its exit code.
#include "exporter/commands/probe_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "exporter/vocabulary.h"
#include "tests/support/probing.h"
#include "tests/support/tls_peer.h"
#include "tests/support/web_servers.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using namespace ::tests::support;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class ProbeCommand : public testing::Test {
 protected:
  struct Outcome {
    int code;
    std::string out;
    std::string err;
  };

  void SetUp() override {
    folder.write("ca.pem", pem(world.authority.certificate.get()));
    folder.write("other.pem", pem(other.certificate.get()));
    write_identity("a", world.client);
    write_identity("stranger", issue({.common_name = "service-b", .names = {}, .extended_key_usage = "clientAuth"}, &other));
  }

  void write_identity(const std::string& name, const Issued& issued) {
    folder.write(name + ".crt", pem(issued.certificate.get()));
    folder.write_private(name + ".key", pem(issued.key.get()));
  }

  // A server that requires a certificate of the world's CA and lists it.
  std::unique_ptr<TlsPeer> a_peer(const Issued& server) const {
    TlsPeerOptions options;
    options.identity = &server;
    options.client = ClientCertificate::required;
    options.client_anchor = world.authority.certificate.get();
    options.acceptable = {world.authority.certificate.get()};
    return std::make_unique<TlsPeer>(std::move(options));
  }

  static std::string address(const TlsPeer& peer) { return "127.0.0.1:" + std::to_string(peer.port()); }

  std::string file(const std::string& name) const { return folder.path() + "/" + name; }

  // With a configuration that names the server `payments`, to be asked as service-a, and then `more` targets.
  std::string configure(const TlsPeer& peer, const std::string& more = "") const {
    return folder.write(
        "m.yml",
        "trust: {estate: {ca_files: [ca.pem]}, new: {ca_files: [other.pem]}}\n"
        "identities:\n"
        "  service-a: {certificate_file: a.crt, key_file: a.key, trust: estate}\n"
        "  service-b: {certificate_file: stranger.crt, key_file: stranger.key}\n"
        "modules: {m: {trust: estate, identity: service-a}, both: {trust: estate, identities: [service-a, service-b]}}\n"
        "targets:\n"
        "  - {name: payments, address: \"" +
            address(peer) + "\", module: m}\n" + more);
  }

  Outcome run(const ProbeOnce& options, const std::string& config = "") const {
    std::ostringstream out, err;
    const ProbeSetting setting{.config_file = config.empty() ? file("absent.yml") : config, .config_file_given = !config.empty()};
    const int code = probe_command(options, setting, vocabulary(), out, err);
    return {code, out.str(), err.str()};
  }

  // As configured, of a server whose answer does not matter: what is wrong with the options.
  std::string refused(const ProbeOnce& options) const {
    TlsPeer peer;
    const Outcome outcome = run(options, configure(peer));
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(peer.seen(), IsEmpty());
    return outcome.err;
  }

  TemporaryFolder folder;
  World world;
  Issued other = root("Other CA");
};

TEST_F(ProbeCommand, ExplainsAConfiguredTarget) {
  const auto peer = a_peer(world.server);
  const Outcome outcome = run({.server = "payments"}, configure(*peer));
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(StartsWith("payments (127.0.0.1:"), HasSubstr("as service-a"), HasSubstr("trust store estate"),
                                 HasSubstr("it accepts    1 CA: CN=Estate CA"), HasSubstr("verdict       accepted"),
                                 HasSubstr("Result: good")));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(ProbeCommand, NeedsNoConfiguration) {
  const auto peer = a_peer(world.server);
  ProbeOnce options{
      .server = address(*peer), .certificate_file = file("a.crt"), .key_file = file("a.key"), .trust = file("ca.pem")};
  const Outcome outcome = run(options);
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("verdict       accepted"));
}

// It does what it is there for, and no certificate of ours was refused: there was none.
TEST_F(ProbeCommand, WithoutAnIdentityBeingTurnedAwayIsGoodAndNoSentenceSpeaksOfOurCertificate) {
  const auto peer = a_peer(world.server);
  ProbeOnce options{.server = address(*peer), .trust = file("ca.pem")};
  const Outcome outcome = run(options);
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("as it is meant to"), HasSubstr("alert certificate_required"),
                                 HasSubstr("Result: good"), Not(HasSubstr("our certificate"))));
  options.format = ReportFormat::json;
  const Outcome report = run(options);
  EXPECT_THAT(report.out, AllOf(HasSubstr("\"turned_away\""), Not(HasSubstr("our certificate"))));
}

TEST_F(ProbeCommand, ARefusedIdentityIsAFindingWithItsRemedy) {
  const auto peer = a_peer(world.server);
  const Outcome outcome = run({.server = "payments", .identity = "service-b"}, configure(*peer));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("client_certificate/unknown_ca, alert unknown_ca"),
                    HasSubstr("The server does not trust our CA. service-b is issued by Other CA; it lists: CN=Estate CA")));
}

// The key that a port with two certificates shows depends on what the client asks for.
class TwoCertificates : public ProbeCommand {
 protected:
  TwoCertificates() {
    const Issued rsa = issue({.common_name = "the RSA one", .ends = 24h * 20, .key = "RSA:2048"}, &world.authority);
    folder.write("ecdsa.pem", pem(world.server.certificate.get()) + pem(world.server.key.get()));
    folder.write("both.pem.ecdsa", pem(world.server.certificate.get()) + pem(world.server.key.get()));
    folder.write("both.pem.rsa", pem(rsa.certificate.get()) + pem(rsa.key.get()));
  }

  static std::string certificate(const std::string& path) {
    return "ssl_certificate " + path + "; ssl_certificate_key " + path + ";";
  }

  // Of the server that listens on `port`: the page and the report must agree.
  void expect_other(const std::string& expected, const std::string& key) const {
    ProbeOnce options{.server = "127.0.0.1:" + std::to_string(port), .trust = file("ca.pem"), .server_name = "localhost"};
    const Outcome text = run(options);
    options.format = ReportFormat::json;
    const auto report = nlohmann::json::parse(run(options).out);
    const auto& probe = report.at("probes").at(0);
    if (expected.empty()) {
      EXPECT_THAT(text.out, Not(HasSubstr("also there")));
      EXPECT_FALSE(probe.contains("other_certificate"));
      return;
    }
    EXPECT_THAT(text.out, HasSubstr("also there    " + expected + " (" + key + "), expires in "));
    ASSERT_TRUE(probe.contains("other_certificate")) << probe.dump(2);
    EXPECT_EQ(probe.at("other_certificate").at("subject_common_name"), expected);
  }

  std::uint16_t port = closed_port();
};

TEST_F(TwoCertificates, OfNginxAreBothTold) {
  const auto server = start_nginx(folder, "access_log off; server { listen 127.0.0.1:" + std::to_string(port) + " ssl; " +
                                              certificate(file("both.pem.rsa")) + certificate(file("both.pem.ecdsa")) + " }");
  ASSERT_TRUE(server->listens(port));
  expect_other("the RSA one", "rsa:2048");
}

TEST_F(TwoCertificates, OfHaproxyAreBothTold) {
  const auto server = start_haproxy(folder, "bind 127.0.0.1:" + std::to_string(port) + " ssl crt " + file("both.pem"));
  ASSERT_TRUE(server->listens(port));
  expect_other("the RSA one", "rsa:2048");
}

TEST_F(TwoCertificates, WhereThereIsOneNothingIsSaidOfAnother) {
  const auto server = start_nginx(folder, "access_log off; server { listen 127.0.0.1:" + std::to_string(port) + " ssl; " +
                                              certificate(file("both.pem.ecdsa")) + " }");
  ASSERT_TRUE(server->listens(port));
  expect_other("", "");
}

TEST_F(ProbeCommand, ATargetWithTwoIdentitiesHasTwoPages) {
  const auto peer = a_peer(world.server);
  const Outcome outcome = run({.server = "payments", .module = "both"}, configure(*peer));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("as service-a\n"), HasSubstr("\n\npayments (127.0.0.1:"), HasSubstr("as service-b\n")));
}

TEST_F(ProbeCommand, JudgesAsOfAnotherTime) {
  const Issued ending = issue({.common_name = "server", .extended_key_usage = "serverAuth", .ends = 24h * 20}, &world.authority);
  const auto peer = a_peer(ending);
  const std::string config = configure(*peer);
  EXPECT_EQ(run({.server = "payments"}, config).code, 0);
  EXPECT_EQ(run({.server = "payments", .at = 24h * 10}, config).code, 0);
  const Outcome outcome = run({.server = "payments", .at = 24h * 30}, config);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("(+30d)"), HasSubstr("not as expected: chain\n"),
                                 HasSubstr("critical  expired (server)"), HasSubstr("Renew server at payments")));
}

// What devices say that are never to end.
TEST_F(ProbeCommand, ACertificateToTheEndOfTheCalendarIsInForce) {
  const Issued device = issue({.common_name = "server", .extended_key_usage = "serverAuth"}, &world.authority);
  write_date(X509_getm_notAfter(device.certificate.get()), "99991231235959Z");
  sign_again(device, world.authority);
  const auto peer = a_peer(device);
  const std::string config = configure(*peer);
  for (const auto ahead : {0h, 24h * 365 * 100}) {
    const Outcome json = run({.server = "payments", .at = ahead, .format = ReportFormat::json}, config);
    EXPECT_THAT(json.out, HasSubstr("\"not_after\": \"9999-12-31T23:59:59Z\"")) << json.err;
    const Outcome page = run({.server = "payments", .at = ahead}, config);
    EXPECT_THAT(page.out, testing::ContainsRegex("server, ec:P-256, expires in 2[89][0-9]{5}[.][0-9] days \\(9999-12-31\\)"));
  }
  EXPECT_EQ(run({.server = "payments"}, config).code, 0);
}

TEST_F(ProbeCommand, ADateThatCannotBeReadIsCalledSo) {
  const Issued undated = issue({.common_name = "server", .extended_key_usage = "serverAuth"}, &world.authority);
  write_date(X509_getm_notAfter(undated.certificate.get()), "20261399000000Z");
  sign_again(undated, world.authority);
  const auto peer = a_peer(undated);
  const std::string config = configure(*peer);
  const Outcome page = run({.server = "payments"}, config);
  EXPECT_EQ(page.code, 1);
  EXPECT_THAT(page.out, AllOf(HasSubstr("server, ec:P-256, has an end that cannot be read"),
                              HasSubstr("warning   unreadable_date (server)"), HasSubstr("its notAfter cannot be read."),
                              testing::Not(HasSubstr("1970"))));
  EXPECT_THAT(run({.server = "payments", .format = ReportFormat::json}, config).out, HasSubstr("\"not_after\": null"));
}

TEST_F(ProbeCommand, AnIdentityThatWillHaveEndedIsAFinding) {
  write_identity("a", issue({.common_name = "service-a", .names = {}, .extended_key_usage = "clientAuth", .ends = 24h * 20},
                            &world.authority));
  const auto peer = a_peer(world.server);
  const std::string config = configure(*peer);
  EXPECT_EQ(run({.server = "payments"}, config).code, 0);
  const Outcome outcome = run({.server = "payments", .at = 24h * 30}, config);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("not as expected: identity\n"), HasSubstr("expired (our identity)")));
}

TEST_F(ProbeCommand, JudgesAgainstAnotherTrustStoreOrFile) {
  const auto peer = a_peer(world.server);
  const std::string config = configure(*peer);
  EXPECT_EQ(run({.server = "payments", .trust = "new"}, config).code, 1);
  EXPECT_EQ(run({.server = "payments", .trust = file("other.pem")}, config).code, 1);
  EXPECT_EQ(run({.server = "payments", .trust = "estate"}, config).code, 0);
  EXPECT_THAT(run({.server = "payments", .trust = "new"}, config).out, HasSubstr("not as expected: chain\n"));
}

TEST_F(ProbeCommand, ConnectsToTheAddressAndAsksForTheName) {
  const auto peer = a_peer(world.server);
  const std::string server = "localhost.invalid:" + std::to_string(peer->port());
  EXPECT_EQ(run({.server = server, .address = "127.0.0.1"}, configure(*peer)).code, 1);
  const ProbeOnce named{.server = server, .module = "m", .server_name = "localhost", .address = "127.0.0.1"};
  const Outcome outcome = run(named, configure(*peer));
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  ASSERT_EQ(peer->seen().size(), 4u) << "each time a second look for a certificate of the other kind";
  EXPECT_EQ(peer->seen()[0].server_name, "localhost.invalid");
  EXPECT_EQ(peer->seen()[2].server_name, "localhost");
}

TEST_F(ProbeCommand, ProbesTheWholeConfiguration) {
  const auto peer = a_peer(world.server);
  const std::string more = "  - {name: orders, address: \"" + address(*peer) + "\", module: both}\n";
  const Outcome outcome = run({.all = true}, configure(*peer, more));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("good     payments as service-a: accepted"), HasSubstr("good     orders as service-a: accepted"),
                    HasSubstr("finding  orders as service-b: client_certificate/unknown_ca"),
                    HasSubstr("3 probed, 2 good, 1 with a finding")));
  EXPECT_EQ(run({.all = true}, configure(*peer)).code, 0);
}

TEST_F(ProbeCommand, ProbesWhatDiscoveriesFindByNameAndAllTogether) {
  const auto peer = a_peer(world.server), other_peer = a_peer(world.server);
  const std::string config = configure(*peer, "discovery: [{file_sd: ['lists/*.json'], module: m}]\n");
  folder.write("lists/a.json", R"([{"targets": [")" + address(*other_peer) + R"("], "labels": {"name": "orders"}}])");
  const Outcome one = run({.server = "orders"}, config);
  EXPECT_EQ(one.code, 0) << one.out << one.err;
  EXPECT_THAT(one.out, AllOf(StartsWith("orders (127.0.0.1:"), HasSubstr("as service-a")));
  EXPECT_THAT(peer->seen(), IsEmpty());
  const Outcome all = run({.all = true}, config);
  EXPECT_EQ(all.code, 0) << all.out << all.err;
  EXPECT_THAT(all.out, AllOf(HasSubstr("good     payments as service-a"), HasSubstr("good     orders as service-a"),
                             HasSubstr("2 probed, 2 good")));
  const Outcome unknown = run({.server = "order"}, config);
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean `orders`"));
}

TEST_F(ProbeCommand, SaysWhatADiscoveryCouldNotFind) {
  const auto peer = a_peer(world.server);
  const std::string config = configure(*peer, "discovery: [{file_sd: [none.json]}, {sweep: {cidrs: [127.0.0.1/32], ports: [" +
                                                  std::to_string(peer->port()) + "]}}]\n");
  const Outcome all = run({.all = true}, config);
  EXPECT_EQ(all.code, 0) << all.out << all.err;
  EXPECT_EQ(all.err,
            "warning: discovery file_sd: not all of its list could be made\nwarning: discovery file_sd: " + folder.path() +
                "/none.json: not_found: No such file or directory\n"
                "warning: discovery sweep: left out, for it takes longer than one answer\n");
  EXPECT_THAT(peer->seen(), testing::SizeIs(1));
}

TEST_F(ProbeCommand, AConfiguredTargetOrAnAddressAsksNoServerForItsList) {
  const auto peer = a_peer(world.server), list_server = a_peer(world.server);
  const std::string config = configure(*peer, "discovery: [{http_sd: 'https://" + address(*list_server) + "/'}]\n");
  EXPECT_EQ(run({.server = "payments"}, config).code, 0);
  EXPECT_THAT(run({.server = address(*peer)}, config).err, IsEmpty());
  EXPECT_THAT(list_server->seen(), IsEmpty());
  EXPECT_THAT(run({.server = "orders"}, config).err, HasSubstr("warning: discovery http_sd: not all of its list could be made"));
  EXPECT_THAT(list_server->seen(), testing::Not(IsEmpty()));
}

TEST_F(ProbeCommand, PlansARotationOfTheWholeConfiguration) {
  const auto peer = a_peer(world.server);
  const Outcome outcome = run({.trust = "new", .all = true}, configure(*peer));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("broken: chain"));
}

TEST_F(ProbeCommand, WritesJsonForScripts) {
  const auto peer = a_peer(world.server);
  const Outcome outcome = run({.server = "payments", .module = "both", .format = ReportFormat::json}, configure(*peer));
  EXPECT_EQ(outcome.code, 1);
  const auto report = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(report["probes"].size(), 2u);
  EXPECT_EQ(report["good"], false);
  EXPECT_EQ(report["probes"][0]["client"]["verdict"], "accepted");
  EXPECT_EQ(report["probes"][1]["failure"]["reason"], "unknown_ca");
}

TEST_F(ProbeCommand, ASilentPortIsAFinding) {
  const Outcome outcome = run({.server = "127.0.0.1:" + std::to_string(closed_port())});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("connect/refused"));
}

TEST_F(ProbeCommand, RefusesWhatIsNotThereAndSaysWhatIs) {
  EXPECT_THAT(refused({.server = "paymets"}),
              AllOf(HasSubstr("is no target"), HasSubstr("did you mean `payments`"), HasSubstr("HOST:PORT")));
  EXPECT_THAT(refused({.server = "payments", .module = "bot"}), AllOf(HasSubstr("is no module"), HasSubstr("`both`")));
  EXPECT_THAT(refused({.server = "payments", .identity = "service-c"}),
              AllOf(HasSubstr("is no identity"), HasSubstr("service-a")));
  EXPECT_THAT(refused({.server = "payments", .trust = "estat"}), AllOf(HasSubstr("is no trust store"), HasSubstr("`estate`")));
  EXPECT_THAT(refused({.server = "payments", .address = "127.0.0.1:443"}), HasSubstr("without a port"));
}

TEST_F(ProbeCommand, RefusesFilesThatCannotBeUsed) {
  EXPECT_THAT(refused({.server = "payments", .certificate_file = file("nowhere.crt")}), HasSubstr("nowhere.crt"));
  EXPECT_THAT(refused({.server = "payments", .certificate_file = file("a.crt"), .key_file = file("stranger.key")}),
              HasSubstr("cannot be used"));
  EXPECT_THAT(refused({.server = "payments", .trust = file("a.key")}), HasSubstr("holds no certificate"));
}

TEST_F(ProbeCommand, AConfigurationThatWasNamedMustBeThereAndRight) {
  EXPECT_EQ(run({.server = "a:1"}, file("absent.yml")).code, 2);
  const Outcome outcome = run({.server = "a:1"}, folder.write("wrong.yml", "targts: []\n"));
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("wrong.yml:1:1"));
  EXPECT_EQ(run({.server = "payments:"}).code, 2);
  EXPECT_EQ(run({.all = true}).code, 2);
}

}  // namespace
}  // namespace exporter
