// The probe against scripted servers: the verdict on our certificate, and every reason of the stages built so far.
#include "probes/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "probes/client_auth/rogue.h"
#include "probes/client_auth/verdict.h"
#include "tests/support/name_server.h"
#include "tests/support/probing.h"
#include "tests/support/tls_peer.h"

namespace probes {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using observations::Handshake;
using observations::Verdict;

class Probe : public testing::TestWithParam<int> {
 protected:
  // A server of the TLS version under test that requires a certificate of our CA.
  TlsPeerOptions demanding(std::vector<Act> then = {act::Silence{}}) const {
    TlsPeerOptions options = plain(std::move(then));
    options.client = ClientCertificate::required;
    options.client_anchor = world_.authority.certificate.get();
    return options;
  }

  TlsPeerOptions plain(std::vector<Act> then = {act::Silence{}}) const {
    TlsPeerOptions options;
    options.identity = &world_.server;
    options.chain = {world_.authority.certificate.get()};
    options.min_version = options.max_version = GetParam();
    options.after_handshake = std::move(then);
    return options;
  }

  // By the clock on the wall no probe outlasts its timeout, whatever it says of the server's part in it.
  Handshake watch(const TlsPeer& peer, Probing probing) const {
    probing.port = peer.port();
    const auto began = std::chrono::steady_clock::now();
    Handshake seen = probe_once(world_, probing);
    EXPECT_LT(std::chrono::steady_clock::now() - began, probing.module.timeout + 250ms) << outcome(seen);
    return seen;
  }
  Handshake watch_with_identity(const TlsPeer& peer, config::Module module = {.timeout = 5s}) const {
    return watch(peer, {.identity = world_.identity(), .module = std::move(module)});
  }
  static config::Module https(config::Http http = {}) { return {.protocol = "https", .http = std::move(http), .timeout = 5s}; }

  bool tls13() const { return GetParam() == TLS1_3_VERSION; }

  World world_;
};

INSTANTIATE_TEST_SUITE_P(Versions, Probe, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_3_VERSION ? "Tls13" : "Tls12"; });

// --- the verdict

TEST_P(Probe, AcceptsOnlyAfterTheServerWentOnAndSettled) {
  const TlsPeer peer(demanding());
  const Handshake seen = watch_with_identity(peer);
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.client.verdict, Verdict::accepted);
  EXPECT_TRUE(seen.client.requested);
  EXPECT_TRUE(seen.client.sent);
  EXPECT_GE(seen.phases.verdict, 50ms);
  EXPECT_EQ(seen.negotiated->version, tls13() ? "TLSv1.3" : "TLSv1.2");
}

TEST_P(Probe, AMissingCertificateIsRefusedWithTheServersAlert) {
  const TlsPeer peer(demanding());
  const Handshake seen = watch(peer, {});
  ASSERT_TRUE(seen.client.turned_away);
  EXPECT_EQ(seen.client.turned_away->reason, observations::Reason::certificate_required);
  EXPECT_EQ(seen.client.turned_away->alert, tls13() ? 116 : 40);
  EXPECT_EQ(seen.client.verdict, Verdict::rejected);
  EXPECT_FALSE(seen.client.sent);
}

TEST_P(Probe, TheCertificateOfARefusingServerIsKept) {
  const TlsPeer peer(demanding());
  const Handshake seen = watch(peer, {});
  ASSERT_EQ(seen.certificates.size(), 2u);
  EXPECT_EQ(seen.certificates[0]->subject_common_name(), "server");
  ASSERT_TRUE(seen.chain);
  EXPECT_TRUE(seen.chain->valid);
  EXPECT_EQ(seen.hostname_match, true);
}

TEST_P(Probe, SendsNoServerNameWhereToldAndJudgesItAllTheSame) {
  const TlsPeer peer(plain());
  config::Module module{.name = "test", .timeout = 5s};
  module.tls.send_server_name = false;
  EXPECT_EQ(watch(peer, {.module = module}).hostname_match, true);
  EXPECT_EQ(watch(peer, {.server_name = "other.example", .module = module}).hostname_match, false);
  EXPECT_EQ(watch(peer, {}).hostname_match, true);
  // A probe may be over before the peer has noted what it met.
  const auto noted = [&] { return std::ranges::all_of(peer.seen(), &SeenConnection::handshake_completed); };
  for (int turn = 0; turn < 500 && !noted(); ++turn) std::this_thread::sleep_for(10ms);
  std::vector<std::string> names;
  for (const SeenConnection& seen : peer.seen()) names.push_back(seen.server_name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("", "", "localhost"));
}

TEST_P(Probe, TheZoneOfAnAddressIsNoPartOfTheName) {
  const Issued server = issue({.common_name = "local", .names = {"IP:fe80::1"}}, &world_.authority);
  TlsPeerOptions options = plain(answer_http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  options.identity = &server;
  const TlsPeer peer(options);
  const Handshake seen = watch(peer, {.server_name = "fe80::1%eth0", .module = https()});
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.hostname_match, true);
  EXPECT_EQ(peer.seen()[0].server_name, "");
  EXPECT_NE(peer.seen()[0].application.find("Host: [fe80::1]:" + std::to_string(peer.port())), std::string::npos);
}

TEST_P(Probe, OfAServerThatNobodyNamesTheNameIsNotJudged) {
  const TlsPeer peer(demanding());
  const Handshake seen = watch(peer, {.server_name = "other.example", .name_judged = false});
  EXPECT_EQ(seen.certificates.size(), 2u);
  EXPECT_EQ(seen.hostname_match, std::nullopt);
}

TEST_P(Probe, ARogueIsRefused) {
  const TlsPeer peer(demanding());
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const Handshake seen = watch(peer, {.identity = client_auth::rogue(*world_.identity(), now)});
  EXPECT_EQ(outcome(seen), "client_certificate/unknown_ca 48");
  EXPECT_EQ(seen.client.verdict, Verdict::rejected);
}

TEST_P(Probe, EveryAlertAboutOurCertificateHasItsReason) {
  const std::vector<std::pair<std::uint8_t, std::string>> rows = {
      {42, "bad_certificate"},     {43, "unsupported_certificate"}, {44, "certificate_revoked"},
      {45, "certificate_expired"}, {46, "bad_certificate"},         {48, "unknown_ca"},
      {49, "access_denied"},       {51, "bad_certificate"},         {116, "certificate_required"}};
  const Issued stranger = issue({.common_name = "stranger"});
  for (const auto& [alert, reason] : rows) {
    TlsPeerOptions options = demanding();
    options.refusal = act::Alert{alert};
    const TlsPeer peer(options);
    const auto identity = tls::Identity::of("stranger", {stranger.certificate.get()}, stranger.key.get());
    EXPECT_EQ(outcome(watch(peer, {.identity = identity})), "client_certificate/" + reason + " " + std::to_string(alert));
  }
}

TEST_P(Probe, ASilentRefusalIsARefusal) {
  for (const Act& refusal : {Act(act::Close{}), Act(act::Reset{}), Act(act::CloseNotify{})}) {
    TlsPeerOptions options = demanding();
    options.refusal = refusal;
    const TlsPeer peer(options);
    const Issued stranger = issue({.common_name = "stranger"});
    const Handshake seen =
        watch(peer, {.identity = tls::Identity::of("stranger", {stranger.certificate.get()}, stranger.key.get())});
    EXPECT_EQ(outcome(seen), "client_certificate/closed_after_certificate");
    EXPECT_EQ(seen.client.verdict, Verdict::rejected);
  }
}

// nginx's stream module: a complete handshake, two tickets, then the end.
TEST_P(Probe, TicketsFollowedByTheEndAreARefusal) {
  for (const Act& end : {Act(act::Close{}), Act(act::CloseNotify{}), Act(act::Reset{})}) {
    const TlsPeer peer(demanding({end}));
    const Handshake seen = watch_with_identity(peer);
    EXPECT_EQ(outcome(seen), "client_certificate/closed_after_certificate");
    EXPECT_EQ(seen.client.verdict, Verdict::rejected);
  }
}

// The end comes well after the tickets, but within the settle time: a server whose hello took 300 ms is given 600 ms.
TEST_P(Probe, TicketsFollowedByALateEndAreARefusalToo) {
  TlsPeerOptions options = demanding({act::Pause{100ms}, act::Close{}});
  options.before_handshake = {act::AwaitBytes{}, act::Pause{300ms}};
  const TlsPeer peer(options);
  const Handshake seen = watch_with_identity(peer);
  EXPECT_EQ(outcome(seen), "client_certificate/closed_after_certificate");
  EXPECT_EQ(seen.client.verdict, Verdict::rejected);
}

// What it says may be a refusal in words that we do not know.
TEST_P(Probe, AServerThatSpeaksFirstIsJudgedByTls) {
  TlsPeerOptions options = demanding({act::Send{"220 hello\r\n"}, act::Silence{}});
  options.tickets = 0;
  const TlsPeer peer(options);
  const Handshake seen = watch_with_identity(peer);
  EXPECT_EQ(seen.client.verdict, tls13() ? Verdict::unconfirmed : Verdict::accepted);
}

TEST_P(Probe, ASilentServerWithoutTicketsIsUnconfirmedInTls13) {
  TlsPeerOptions options = demanding();
  options.tickets = 0;
  const TlsPeer peer(options);
  const Handshake seen = watch_with_identity(peer, {.timeout = 700ms});
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.client.verdict, tls13() ? Verdict::unconfirmed : Verdict::accepted);
}

TEST_P(Probe, AServerThatNeverAsksIsNotRequested) {
  const TlsPeer peer(plain());
  const Handshake seen = watch_with_identity(peer);
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.client.verdict, Verdict::not_requested);
  EXPECT_FALSE(seen.client.requested);
  EXPECT_LT(seen.phases.verdict, client_auth::patience);  // one settle time, not the patience that silent refusers get
}

TEST_P(Probe, ACertificateAskedForLateIsJudgedByWhatFollowsIt) {
  const Act ask = tls13() ? Act(act::RequestLater{}) : Act(act::Renegotiate{});
  TlsPeerOptions options =
      plain({act::AwaitRequest{}, ask, act::Send{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, act::CloseNotify{}});
  options.client_anchor = world_.authority.certificate.get();
  const TlsPeer peer(options);
  const Handshake good = watch_with_identity(peer, https());
  EXPECT_EQ(outcome(good), "ok");
  EXPECT_TRUE(good.client.requested_late);
  EXPECT_EQ(good.client.verdict, Verdict::accepted);
  const Handshake none = watch(peer, {.module = https()});
  ASSERT_TRUE(none.client.turned_away) << outcome(none);
  EXPECT_EQ(none.client.turned_away->reason, observations::Reason::certificate_required);
  EXPECT_EQ(none.client.verdict, Verdict::rejected);
}

TEST_P(Probe, AFloodAfterTheHandshakeIsCutOff) {
  std::vector<Act> floods = {act::FloodData{}};
  if (tls13()) floods.emplace_back(act::FloodTickets{});
  for (const Act& flood : floods) {
    const TlsPeer peer(demanding({flood}));
    const Handshake seen = watch_with_identity(peer);
    EXPECT_EQ(seen.client.verdict, Verdict::accepted);
  }
}

// A ticket says that TLS let us in, and nothing about the question.
TEST_P(Probe, AFloodOfTicketsBeforeTheAnswerIsNoAnswer) {
  if (!tls13()) return;  // TLS 1.2 sends its one ticket within the handshake
  const TlsPeer peer(demanding({act::FloodTickets{}}));
  Probing probing{.identity = world_.identity()};
  probing.module.protocol = "https";
  const Handshake seen = watch(peer, probing);
  EXPECT_EQ(outcome(seen), "application/application_protocol");
  EXPECT_EQ(seen.client.verdict, Verdict::unconfirmed);
  EXPECT_FALSE(seen.certificates.empty());
}

// --- auto: what ALPN tells

constexpr const char* nginx_refuses =
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<title>400 The SSL certificate error</title>";

TEST_P(Probe, AServerThatChoosesHttpIsAskedForTheVerdict) {
  const auto answered = [&](const std::string& text) {
    TlsPeerOptions options = demanding(answer_http(text));
    options.alpn = {"http/1.1"};
    const TlsPeer peer(options);
    return watch_with_identity(peer);
  };
  const Handshake refused = answered(nginx_refuses);
  EXPECT_EQ(outcome(refused), "client_certificate/refused_by_application");
  EXPECT_EQ(refused.client.verdict, Verdict::rejected);
  const Handshake error = answered("HTTP/1.1 500 Internal Server Error\r\n\r\n");
  EXPECT_EQ(outcome(error), "ok") << "no status is expected";
  EXPECT_EQ(error.client.verdict, Verdict::accepted);
}

TEST_P(Probe, AServerThatChoosesNothingIsJudgedByTls) {
  const TlsPeer peer(demanding());
  const Handshake seen = watch_with_identity(peer);
  EXPECT_EQ(seen.client.verdict, Verdict::accepted);
  EXPECT_FALSE(seen.application_answered);
}

TEST_P(Probe, UnderTlsAServerThatChoosesHttpIsUnconfirmed) {
  TlsPeerOptions options = demanding();
  options.alpn = {"http/1.1"};
  const TlsPeer peer(options);
  const Handshake seen = watch_with_identity(peer, {.protocol = "tls", .timeout = 5s});
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.client.verdict, Verdict::unconfirmed);
  EXPECT_TRUE(seen.client.unasked);
}

TEST_P(Probe, UnderTlsAServerThatChoosesHttpAndDoesNotAskMayStillDoSo) {
  TlsPeerOptions options = plain();
  options.alpn = {"http/1.1"};
  const TlsPeer peer(options);
  const Handshake seen = watch_with_identity(peer, {.protocol = "tls", .timeout = 5s});
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.client.verdict, Verdict::unconfirmed);
  EXPECT_TRUE(seen.client.unasked);
}

TEST_P(Probe, BytesOfAnUnknownProtocolSettleNothing) {
  TlsPeerOptions options = demanding({act::Send{"220 hello\r\n"}, act::Silence{}});
  const TlsPeer greets(options);
  EXPECT_EQ(watch_with_identity(greets).client.verdict, Verdict::accepted) << "by TLS, which stayed with us";
  options.after_handshake = {act::Send{"go away\r\n"}, act::Close{}};
  const TlsPeer closes(options);
  const Handshake closed = watch_with_identity(closes);
  EXPECT_EQ(closed.client.verdict, Verdict::unconfirmed);
  EXPECT_EQ(outcome(closed), "ok");
  options.after_handshake = {act::Send{nginx_refuses}, act::Close{}};
  const TlsPeer refuses(options);
  EXPECT_EQ(outcome(watch_with_identity(refuses)), "client_certificate/refused_by_application");
}

TEST(AutoProbe, AServerWithoutTicketsIsTriedWithTls12) {
  const World world;
  TlsPeerOptions options{.identity = &world.server, .client = ClientCertificate::required};
  options.client_anchor = world.authority.certificate.get();
  options.tickets = 0;
  const TlsPeer peer(options);
  const Handshake seen = probe_once(world, {.port = peer.port(), .identity = world.identity()});
  EXPECT_EQ(seen.client.verdict, Verdict::accepted);
  EXPECT_EQ(seen.negotiated->version, "TLSv1.3") << "what is published is the usual handshake";
  EXPECT_FALSE(seen.set_aside.empty());
}

// --- servers that want a protocol of ALPN

// SETTINGS, then HEADERS of stream 1 with `:status 200`, the end of the stream.
const std::string http2_ok(
    "\0\0\0\4\0\0\0\0\0"
    "\0\0\1\1\5\0\0\0\1\x88",
    19);

TEST_P(Probe, AServerThatHangsUpWithoutItsProtocolHasNotRefusedUs) {
  TlsPeerOptions options = demanding({act::AwaitBytes{}, act::Send{http2_ok}, act::Silence{}});
  options.alpn = {"h2"};
  options.only_alpn = "h2";
  const TlsPeer peer(options);
  const Handshake seen = watch_with_identity(peer, https());
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.client.verdict, Verdict::accepted);
  EXPECT_EQ(seen.negotiated->alpn, "h2");
  EXPECT_EQ(seen.approach.offer, observations::Offer::h2);
  EXPECT_EQ(peer.seen().size(), 3u) << "as usual (alert 120), without an offer, with h2";

  const Handshake next = watch(peer, {.identity = world_.identity(), .module = https(), .approach = seen.approach});
  EXPECT_EQ(outcome(next), "ok");
  EXPECT_EQ(peer.seen().size(), 4u) << "what got in is remembered";
}

TEST_P(Probe, OurOwnAlpnThatShutsUsOutIsSaid) {
  TlsPeerOptions options = demanding({act::AwaitBytes{}, act::Send{http2_ok}, act::Silence{}});
  options.alpn = {"h2"};
  options.only_alpn = "h2";
  const TlsPeer peer(options);
  config::Module module = https();
  module.tls.alpn = std::vector<std::string>{"http/1.1"};
  const Handshake seen = watch_with_identity(peer, module);
  ASSERT_NE(seen.failure(), nullptr);
  EXPECT_EQ(seen.failure()->reason, observations::Reason::no_application_protocol) << outcome(seen);
  EXPECT_EQ(seen.failure()->stage, observations::Stage::handshake);
  EXPECT_NE(seen.client.verdict, Verdict::accepted);
  EXPECT_FALSE(seen.certificates.empty());
  const Handshake next = watch(peer, {.identity = world_.identity(), .module = module, .approach = seen.approach});
  EXPECT_EQ(outcome(next), outcome(seen)) << "the operator's words hold at the next probe, too";
}

TEST_P(Probe, AServerThatHangsUpWhateverIsOfferedHasRefusedUs) {
  TlsPeerOptions options = demanding();
  options.refusal = act::Close{};
  const TlsPeer peer(options);
  const Issued stranger = issue({.common_name = "stranger"});
  Probing probing{.identity = tls::Identity::of("stranger", {stranger.certificate.get()}, stranger.key.get())};
  const Handshake seen = watch(peer, probing);
  EXPECT_EQ(outcome(seen), "client_certificate/closed_after_certificate");
  EXPECT_EQ(seen.client.verdict, Verdict::rejected);
  EXPECT_TRUE(seen.approach.hangs_up);
  EXPECT_EQ(peer.seen().size(), 2u) << "once more without an offer";
  probing.approach = seen.approach;
  EXPECT_EQ(outcome(watch(peer, probing)), "client_certificate/closed_after_certificate");
  EXPECT_EQ(peer.seen().size(), 3u) << "it is known to hang up";
  probing.identity = world_.identity();
  EXPECT_FALSE(watch(peer, probing).approach.hangs_up) << "until it does not";
}

// --- without an identity

TEST_P(Probe, WithoutAnIdentityBeingTurnedAwayIsNoFailure) {
  const TlsPeer peer(demanding());
  const Handshake seen = watch(peer, {});
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.client.verdict, Verdict::rejected);
  ASSERT_TRUE(seen.client.turned_away);
  EXPECT_EQ(seen.client.turned_away->reason, observations::Reason::certificate_required);
  Probing open;
  open.module.client_auth.expect = config::ClientAuthExpectation::optional;
  const Handshake unexpected = watch(peer, open);
  ASSERT_NE(unexpected.failure(), nullptr);
  EXPECT_EQ(unexpected.failure()->reason, observations::Reason::certificate_required);
}

TEST_P(Probe, TheServersListOfAuthoritiesIsRead) {
  const Issued other = root("Some Other CA");
  TlsPeerOptions options = demanding();
  options.acceptable = {other.certificate.get()};
  const TlsPeer mismatch(options);
  const Handshake unlisted = watch_with_identity(mismatch);
  EXPECT_EQ(unlisted.client.issuer_listed, false);
  ASSERT_TRUE(unlisted.client.acceptable);
  EXPECT_EQ(unlisted.client.acceptable->names, std::vector<std::string>{"CN=Some Other CA"});
  options.acceptable.push_back(world_.authority.certificate.get());
  const TlsPeer match(options);
  const Handshake listed = watch_with_identity(match);
  EXPECT_EQ(listed.client.issuer_listed, true);
  EXPECT_NE(listed.client.acceptable->digest, unlisted.client.acceptable->digest);
  EXPECT_EQ(watch_with_identity(match).client.acceptable, listed.client.acceptable);  // one list between those who saw it
}

TEST_P(Probe, TroubleInTheServersListIsNamed) {
  const Issued expired = issue({.common_name = "Old CA", .authority = true, .starts = -48h, .ends = -1h});
  const Issued shop = root("Public Shop CA");
  const auto problems = [&](std::vector<X509*> listed) {
    TlsPeerOptions options = demanding();
    options.acceptable = std::move(listed);
    const TlsPeer peer(options);
    const Handshake seen =
        watch(peer, {.identity = world_.identity(),
                     .also_trusted = {expired.certificate.get()},
                     .system = chain::TrustStore::of("system", {shop.certificate.get(), world_.authority.certificate.get()})});
    return seen.client.acceptable->problems;
  };
  EXPECT_EQ(problems({}), std::vector<std::string>{"empty"});
  EXPECT_EQ(problems({shop.certificate.get()}), std::vector<std::string>{"public_root"});
  EXPECT_TRUE(problems({world_.authority.certificate.get()}).empty());  // ours, though the system trusts it too
  EXPECT_EQ(problems({expired.certificate.get()}), std::vector<std::string>{"expired_ca"});
}

TEST_P(Probe, AKeyTheServerHasNoSignatureForIsHeldBack) {
  TlsPeerOptions options = demanding();
  options.configure = [](SSL_CTX* context) { SSL_CTX_set1_client_sigalgs_list(context, "RSA+SHA256:RSA-PSS+SHA256"); };
  const TlsPeer peer(options);
  EXPECT_TRUE(outcome(watch_with_identity(peer)).starts_with("client_certificate/no_suitable_signature"));
}

TEST_P(Probe, AServerThatNeverAsksHasNotRefusedWhateverItsPageSays) {
  const TlsPeer peer(plain(answer_http("HTTP/1.1 496 SSL Certificate Required\r\n\r\n")));
  const Handshake seen = watch_with_identity(peer, https());
  EXPECT_EQ(outcome(seen), "application/http_status");
  EXPECT_EQ(seen.client.verdict, Verdict::not_requested);
}

TEST_P(Probe, AnUnusableIdentityDoesNotHideThatNobodyAsked) {
  const TlsPeer peer(plain(answer_http("HTTP/1.1 200 OK\r\n\r\n")));
  const Handshake seen = watch(peer, {.identity = tls::Identity::of("broken", {}, nullptr), .module = https()});
  EXPECT_EQ(outcome(seen), "client_certificate/identity_unusable");
  EXPECT_EQ(seen.client.verdict, Verdict::not_requested);
}

TEST_P(Probe, AnUnusableIdentityIsSaidAndTheServerSeenAllTheSame) {
  const TlsPeer peer(demanding());
  const Handshake seen = watch(peer, {.identity = tls::Identity::of("broken", {}, nullptr)});
  EXPECT_TRUE(outcome(seen).starts_with("client_certificate/identity_unusable")) << outcome(seen);
  EXPECT_FALSE(seen.client.verdict);
  EXPECT_EQ(seen.certificates.size(), 2u);
}

// --- asking

TEST_P(Probe, AnHttpAnswerDecides) {
  const std::string page = "<html><head><title>400 No required SSL certificate was sent</title></head></html>";
  struct Row {
    std::string answer;
    std::string outcome;
    Verdict verdict;
  };
  const std::vector<Row> rows = {
      {"HTTP/1.1 200 OK\r\n\r\nhi", "ok", Verdict::accepted},
      {"HTTP/1.1 403 Forbidden\r\n\r\n", "application/http_status", Verdict::accepted},
      {"HTTP/1.1 400 Bad Request\r\n\r\n" + page, "client_certificate/refused_by_application", Verdict::rejected},
      {"HTTP/1.1 400 Bad Request\r\n\r\nmissing parameter", "application/http_status", Verdict::accepted},
      {"HTTP/1.1 495 SSL Certificate Error\r\n\r\n", "client_certificate/refused_by_application", Verdict::rejected},
      {"HTTP/1.1 496 SSL Certificate Required\r\n\r\n", "client_certificate/refused_by_application", Verdict::rejected},
      {"HTTP/1.1 418 Teapot\r\n\r\n", "client_certificate/refused_by_application", Verdict::rejected},
      {"nonsense\r\n\r\n", "application/application_protocol", Verdict::unconfirmed},
  };
  for (const Row& row : rows) {
    const TlsPeer peer(demanding(answer_http(row.answer)));
    const Handshake seen = watch_with_identity(peer, https({.accepted_status = {{200, 299}}, .refused_status = {{418, 418}}}));
    EXPECT_EQ(outcome(seen), row.outcome) << row.answer;
    EXPECT_EQ(seen.client.verdict, row.verdict) << row.answer;
  }
}

TEST_P(Probe, AnApplicationThatNeverAnswersIsATimeoutOfTheApplication) {
  const TlsPeer peer(demanding());
  config::Module module = https();
  module.timeout = 600ms;
  const Handshake seen = watch_with_identity(peer, module);
  EXPECT_EQ(outcome(seen), "application/application_timeout");
}

TEST_P(Probe, AnApplicationThatHangsUpUnaskedForACertificateFailedToAnswer) {
  const TlsPeer peer(plain({act::AwaitRequest{}, act::CloseNotify{}}));
  EXPECT_EQ(outcome(watch_with_identity(peer, https())), "application/application_protocol");
}

// The server takes its time for the hello, so that the settle time is long, and some time to refuse: whatever the probe
// wrote into that silence would be waiting at the server.
TEST_P(Probe, NothingIsWrittenIntoARefusedConnection) {
  TlsPeerOptions options = demanding();
  options.before_handshake = {act::AwaitBytes{}, act::Pause{300ms}};
  options.refusal_pause = 100ms;
  const TlsPeer peer(options);
  const Handshake seen = watch(peer, {.module = https()});
  ASSERT_TRUE(seen.client.turned_away);
  EXPECT_EQ(seen.client.turned_away->reason, observations::Reason::certificate_required);
  ASSERT_TRUE(peer.wait_until([](const auto& connections) { return !connections.empty() && connections[0].ended; }));
  EXPECT_EQ(peer.seen()[0].sent_while_refusing, 0);
}

// A server whose hello took 700 ms would be given 1.4 s to settle; one whose application answers at once is not given them.
TEST_P(Probe, AnApplicationThatAnswersIsNotWaitedFor) {
  const auto answer = answer_http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  for (TlsPeerOptions options : {demanding(answer), plain(answer)}) {
    options.before_handshake = {act::AwaitBytes{}, act::Pause{700ms}};
    const TlsPeer peer(options);
    const Handshake seen = watch_with_identity(peer, https());
    EXPECT_EQ(outcome(seen), "ok");
    EXPECT_LT(seen.phases.verdict, client_auth::settle_time(700ms));
  }
}

// --- reasons of the handshake

TEST_P(Probe, EveryEndOfAHandshakeHasItsReason) {
  const std::string alert_at_hello = std::string("\x15\x03\x03\x00\x02\x02", 6);
  struct Row {
    std::vector<Act> script;
    std::string outcome;
  };
  const std::vector<Row> rows = {
      {{act::Silence{}}, "handshake/handshake_timeout"},
      {{act::Close{}}, "handshake/closed"},
      {{act::AwaitBytes{}, act::Reset{}}, "handshake/connection_reset"},
      {{act::AwaitBytes{}, act::Send{"HTTP/1.1 400 Bad Request\r\n\r\n"}, act::Silence{}}, "handshake/not_tls"},
      {{act::Send{"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"}, act::Silence{}}, "handshake/not_tls"},
      {{act::Send{"220 mail ESMTP\r\n"}, act::Silence{}}, "handshake/not_tls"},
      {{act::AwaitBytes{}, act::Send{alert_at_hello + "\x28"}, act::Close{}}, "handshake/alert 40"},
      {{act::AwaitBytes{}, act::Send{alert_at_hello + "\x50"}, act::Close{}}, "handshake/alert 80"},
      {{act::AwaitBytes{}, act::Send{alert_at_hello + "\x70"}, act::Close{}}, "handshake/unrecognized_name 112"},
      {{act::AwaitBytes{}, act::Send{alert_at_hello + "\x47"}, act::Close{}}, "handshake/no_shared_cipher 71"},
      {{act::AwaitBytes{}, act::Send{std::string("\x16\x03\x03\x00\x04\x0e\x00\x00\x00", 9)}, act::Silence{}},
       "handshake/protocol_error"},
      {{act::AwaitBytes{}, act::Trickle{std::string("\x16\x03\x03\x40\x00", 5) + std::string(200, '\2')}},
       "handshake/handshake_timeout"},
  };
  for (const Row& row : rows) {
    TlsPeerOptions options = plain();
    options.before_handshake = row.script;
    const TlsPeer peer(options);
    const Handshake seen = watch_with_identity(peer, {.timeout = 400ms});
    EXPECT_EQ(outcome(seen), row.outcome);
    EXPECT_FALSE(seen.client.verdict) << row.outcome;
  }
}

TEST_P(Probe, AVersionThatIsNotOfferedIsRefusedByVersion) {
  const TlsPeer peer(plain());
  config::Module module{.timeout = 5s};
  module.tls.min_version = module.tls.max_version = tls13() ? config::TlsVersion::tls1_2 : config::TlsVersion::tls1_3;
  EXPECT_EQ(outcome(watch_with_identity(peer, module)), "handshake/protocol_version 70");
}

TEST_P(Probe, AnApplicationProtocolTheServerDoesNotSpeakIsSaid) {
  TlsPeerOptions options = plain();
  options.alpn = {"http/1.1"};
  const TlsPeer peer(options);
  config::Module module{.timeout = 5s};
  module.tls.alpn = std::vector<std::string>{"h2"};
  EXPECT_EQ(outcome(watch_with_identity(peer, module)), "handshake/no_application_protocol 120");
  module.tls.alpn = std::vector<std::string>{"h2", "http/1.1"};
  EXPECT_EQ(watch_with_identity(peer, module).negotiated->alpn, "http/1.1");
}

TEST_P(Probe, AChainBeyondTheLimitIsTooLarge) {
  Wanted wanted{.common_name = "huge"};
  for (int i = 0; i < 30'000; ++i) wanted.names.push_back("DNS:name-" + std::to_string(i) + ".some-long-domain.example.internal");
  const Issued huge = issue(wanted, &world_.authority);
  TlsPeerOptions options = plain();
  options.identity = &huge;
  const TlsPeer peer(options);
  EXPECT_EQ(outcome(watch_with_identity(peer)), "handshake/message_too_large");
}

TEST_P(Probe, ACertificateThatCannotBeReadIsUnparsable) {
  // ServerHello (TLS 1.2, ECDHE-ECDSA-AES128-GCM-SHA256, renegotiation_info), then a Certificate message with five bytes of
  // nonsense.
  const std::string hello = std::string("\x02\x00\x00\x2d\x03\x03", 6) + std::string(32, 'r') +
                            std::string("\x00\xc0\x2b\x00\x00\x05\xff\x01\x00\x01\x00", 11);
  const std::string certificate = std::string("\x0b\x00\x00\x0b\x00\x00\x08\x00\x00\x05\x30\x03\x02\x01\x01", 15);
  const auto record = [](const std::string& message) {
    return std::string("\x16\x03\x03\x00", 4) + static_cast<char>(message.size()) + message;
  };
  TlsPeerOptions options = plain();
  options.before_handshake = {act::AwaitBytes{}, act::Send{record(hello) + record(certificate)}, act::Silence{}};
  const TlsPeer peer(options);
  EXPECT_EQ(outcome(watch_with_identity(peer)), "handshake/certificate_unparsable");
}

// Of TLS 1.2: Diffie-Hellman in this group and nothing else.
void exchange_only(SSL_CTX* context, const char* name) {
  EVP_PKEY* group = nullptr;
  const tls::Ptr<EVP_PKEY_CTX> maker(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  EVP_PKEY_keygen_init(maker.get());
  EVP_PKEY_CTX_set_group_name(maker.get(), name);
  EVP_PKEY_keygen(maker.get(), &group);
  SSL_CTX_set0_tmp_dh_pkey(context, group);
  SSL_CTX_set_cipher_list(context, "DHE-RSA-AES128-GCM-SHA256");
}

TEST_P(Probe, AnExchangeWithTooSmallAKeyIsRefusedByUs) {
  if (tls13()) return;  // TLS 1.3 knows only large groups
  const Issued server = issue({.common_name = "server", .key = "RSA:2048"}, &world_.authority);
  TlsPeerOptions options = plain();
  options.identity = &server;
  options.configure = [](SSL_CTX* context) { exchange_only(context, "modp_1536"); };
  const TlsPeer peer(options);
  EXPECT_EQ(outcome(watch_with_identity(peer)), "handshake/key_too_small");
}

// What OpenSSL does in one piece and nothing interrupts: an exchange with a group of 8192 bits.
TEST_P(Probe, AnExchangeWithAVeryLargeGroupIsRefusedByUs) {
  const Issued server = issue({.common_name = "server", .key = "RSA:2048"}, &world_.authority);
  TlsPeerOptions options = plain();
  options.identity = &server;
  options.configure = [](SSL_CTX* context) {
    exchange_only(context, "ffdhe8192");
    SSL_CTX_set1_groups_list(context, "ffdhe8192");
  };
  const TlsPeer peer(options);
  EXPECT_EQ(outcome(watch_with_identity(peer)), tls13() ? "handshake/alert 40" : "handshake/key_too_large");
}

TEST_P(Probe, AHandshakeWithoutAnyCertificateIsNeverASuccess) {
  if (tls13()) return;  // TLS 1.3 has no anonymous key exchange
  TlsPeerOptions options = plain();
  options.configure = [](SSL_CTX* context) { SSL_CTX_set_cipher_list(context, "AECDH-AES128-SHA:@SECLEVEL=0"); };
  const TlsPeer peer(options);
  config::Module module{.timeout = 5s};
  module.tls.ciphers = "AECDH-AES128-SHA:@SECLEVEL=0";
  module.tls.security_level = 0;
  EXPECT_EQ(outcome(watch_with_identity(peer, module)), "handshake/no_certificate");
}

TEST_P(Probe, NoCipherInCommonIsSaid) {
  config::Module module{.timeout = 5s};
  module.tls.min_version = module.tls.max_version = config::TlsVersion::tls1_2;
  module.tls.ciphers = "AECDH-AES128-SHA";
  module.tls.security_level = 2;  // which leaves nothing of that list to offer
  const TlsPeer peer(plain());
  EXPECT_EQ(outcome(watch_with_identity(peer, module)), "handshake/no_shared_cipher");
}

// --- reasons before the handshake

TEST_P(Probe, WhatPreventsAConnectionHasItsReason) {
  const NameServer names;
  const auto probed = [&](const std::string& host, std::uint16_t port) {
    return outcome(
        probe_once(world_, {.host = host, .port = port, .module = {.timeout = 400ms}, .name_servers = names.address()}));
  };
  EXPECT_EQ(probed("127.0.0.1", closed_port()), "connect/refused");
  EXPECT_EQ(probed("missing.example", 443), "resolve/name_not_found");
  EXPECT_EQ(probed("broken.example", 443), "resolve/resolve_failed");
  EXPECT_EQ(probed("silent.example", 443), "resolve/resolve_timeout");
}

TEST_P(Probe, AListenerThatDoesNotTakeTheConnectionIsAConnectTimeout) {
  const FullListener listener;
  const Handshake seen = probe_once(world_, {.port = listener.port(), .module = {.timeout = 300ms}});
  EXPECT_EQ(outcome(seen), "connect/connect_timeout");
  EXPECT_FALSE(observations::reached(seen));
}

TEST_P(Probe, ANameIsResolvedAndTheServerFoundUnderIt) {
  const NameServer names;
  const TlsPeer peer(demanding());
  Probing probing{.host = "a.example", .port = peer.port(), .identity = world_.identity(), .name_servers = names.address()};
  const Handshake seen = probe_once(world_, probing);
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.endpoint, "127.0.0.1:" + std::to_string(peer.port()));
}

TEST_P(Probe, SettingsThatOpenSslRefusesAreOurOwnTrouble) {
  const TlsPeer peer(plain());
  config::Module module{.timeout = 5s};
  module.tls.groups = "no-such-group";
  EXPECT_EQ(outcome(watch_with_identity(peer, module)), "internal/internal");
  module.tls = {.signature_algorithms = "ECDSA+SHA256:no-such-algorithm"};
  const Handshake seen = watch_with_identity(peer, module);
  EXPECT_EQ(outcome(seen), "internal/internal");
  EXPECT_TRUE(seen.failure()->detail.starts_with("signature_algorithms `ECDSA+SHA256:no-such-algorithm`"))
      << seen.failure()->detail;
}

}  // namespace
}  // namespace probes
