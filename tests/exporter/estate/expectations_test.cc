// The outcome table, row by row, then each expectation's own rules.
#include "exporter/estate/expectations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using config::ClientAuth;
using config::ClientAuthExpectation;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum Expectation;

const ClientAuth required{.expect = ClientAuthExpectation::required};
const ClientAuth optional{.expect = ClientAuthExpectation::optional};
const ClientAuth none{.expect = ClientAuthExpectation::none};

std::vector<Expectation> broken(Handshake last, ClientAuth client_auth = {}, std::string identity = "service-a") {
  return broken_expectations(a_slot(std::move(last), std::move(client_auth), std::move(identity)));
}

std::vector<Expectation> broken_with_mode(DoorMode mode, ClientAuth client_auth) {
  WatchSlot slot = a_slot(a_good_probe(), std::move(client_auth));
  slot.door.mode = mode;
  return broken_expectations(slot);
}

Handshake with_client(ClientAuthentication client) {
  Handshake probe = a_good_probe();
  probe.client = std::move(client);
  return probe;
}

Handshake refused_probe() {
  Handshake probe = a_good_probe();
  probe.outcome = Failed{.stage = Stage::client_certificate, .reason = Reason::unknown_ca, .alert = 48};
  probe.client.verdict = Verdict::rejected;
  return probe;
}

// A probe whose chain was asked about by one method, in a module that has these settings.
std::vector<Expectation> broken_with(const config::Revocation& settings, RevocationMethod method,
                                     std::optional<RevocationStatus> status) {
  Handshake probe = a_good_probe();
  ChainJudgement judgement = *probe.chain;
  if (status) judgement.revocation.push_back({.method = method, .status = *status, .certificate = a_certificate("x")});
  probe.chain = std::make_shared<const ChainJudgement>(std::move(judgement));
  WatchSlot slot = a_slot(std::move(probe));
  auto module = std::make_shared<config::Module>(*slot.target->module);
  module->revocation = settings;
  auto target = std::make_shared<config::Target>(*slot.target);
  target->module = module;
  slot.target = target;
  return broken_expectations(slot);
}

TEST(RevocationExpected, OnlyWhereItIsRequiredMustItBeGood) {
  using config::RevocationCheck;
  for (const auto status : {RevocationStatus::unknown, RevocationStatus::unavailable}) {
    EXPECT_THAT(broken_with({.crl = RevocationCheck::check}, RevocationMethod::crl, status), IsEmpty());
    EXPECT_THAT(broken_with({.crl = RevocationCheck::require}, RevocationMethod::crl, status),
                ElementsAre(Expectation::revocation));
    EXPECT_THAT(broken_with({.staple = RevocationCheck::require}, RevocationMethod::staple, status),
                ElementsAre(Expectation::revocation));
  }
  EXPECT_THAT(broken_with({.crl = RevocationCheck::require}, RevocationMethod::crl, RevocationStatus::good), IsEmpty());
  EXPECT_THAT(broken_with({.crl = RevocationCheck::require}, RevocationMethod::crl, std::nullopt),
              ElementsAre(Expectation::revocation));
  EXPECT_THAT(broken_with({.staple = RevocationCheck::require}, RevocationMethod::crl, RevocationStatus::good),
              ElementsAre(Expectation::revocation));
}

TEST(OutcomeTable, ResolveConnectOrProxyFailed) {
  for (const auto& [stage, reason] : {std::pair{Stage::resolve, Reason::name_not_found},
                                      std::pair{Stage::connect, Reason::refused}, std::pair{Stage::proxy, Reason::internal}}) {
    EXPECT_FALSE(reached(a_failed_probe(stage, reason)));
    EXPECT_THAT(broken(a_failed_probe(stage, reason)), ElementsAre(handshake));
  }
}

TEST(OutcomeTable, StarttlsOrHandshakeFailedAndNoCertificateCame) {
  for (const Stage stage : {Stage::starttls, Stage::handshake}) {
    EXPECT_TRUE(reached(a_failed_probe(stage, Reason::closed)));
    EXPECT_THAT(broken(a_failed_probe(stage, Reason::closed)), ElementsAre(handshake));
  }
}

TEST(OutcomeTable, HandshakeFailedAndCertificatesCame) {
  Handshake probe = a_failed_probe(Stage::handshake, Reason::connection_reset);
  probe.certificates = {a_certificate("payments.internal")};
  probe.chain = a_judgement(true);
  probe.hostname_match = true;
  EXPECT_THAT(broken(probe), ElementsAre(handshake));
  probe.chain = a_judgement(false);
  probe.hostname_match = false;
  EXPECT_THAT(broken(probe), ElementsAre(handshake, chain, hostname));
}

TEST(OutcomeTable, OurCertificateWasRefused) { EXPECT_THAT(broken(refused_probe()), ElementsAre(handshake, client_certificate)); }

TEST(OutcomeTable, CompletedAndTheVerdictIsUnconfirmed) {
  const Handshake probe = with_client({.requested = true, .sent = true, .verdict = Verdict::unconfirmed});
  EXPECT_THAT(broken(probe), ElementsAre(client_certificate));
  EXPECT_THAT(broken(probe, {}, ""), IsEmpty());
}

TEST(OutcomeTable, CompletedAndNotRequested) {
  const Handshake probe = with_client({.verdict = Verdict::not_requested});
  EXPECT_THAT(broken(probe), IsEmpty());
  EXPECT_THAT(broken(probe, none), IsEmpty());
  EXPECT_THAT(broken(probe, required), ElementsAre(client_certificate, client_auth));
}

TEST(OutcomeTable, CompletedWithoutAnIdentity) {
  const Handshake probe = with_client({.requested = true, .sent = false, .verdict = Verdict::accepted});
  EXPECT_THAT(broken(probe, {}, ""), IsEmpty());
  EXPECT_THAT(broken(probe, optional, ""), IsEmpty());
  EXPECT_THAT(broken(probe, required, ""), ElementsAre(client_auth));
}

TEST(OutcomeTable, AcceptedAndChainInvalidOrNameWrong) {
  Handshake probe = a_good_probe();
  probe.chain = a_judgement(false);
  EXPECT_THAT(broken(probe), ElementsAre(chain));
  probe = a_good_probe();
  probe.hostname_match = false;
  EXPECT_THAT(broken(probe), ElementsAre(hostname));
}

TEST(OutcomeTable, AcceptedAndWrongHttpStatus) {
  Handshake probe = a_good_probe();
  probe.outcome = Failed{.stage = Stage::application, .reason = Reason::http_status};
  EXPECT_FALSE(handshake_failed(probe));
  EXPECT_THAT(broken(probe), ElementsAre(application));
}

TEST(OutcomeTable, AllAsExpected) {
  EXPECT_THAT(broken(a_good_probe()), IsEmpty());
  EXPECT_THAT(broken(a_good_probe(), required), IsEmpty());
}

TEST(Expectations, ATargetNeverProbedBreaksNothing) {
  EXPECT_THAT(broken_expectations(WatchSlot{.target = a_target("new", a_module(required))}), IsEmpty());
}

TEST(ClientCertificate, AnUnusableIdentityIsItsFailure) {
  EXPECT_THAT(broken(a_failed_probe(Stage::client_certificate, Reason::identity_unusable)),
              ElementsAre(handshake, client_certificate));
}

TEST(ClientCertificate, ADoorThatLetsUsInWithoutOurCertificateHasNotAcceptedIt) {
  EXPECT_THAT(broken(with_client({.requested = true, .sent = false, .verdict = Verdict::accepted})),
              ElementsAre(client_certificate));
}

TEST(ClientAuth, AHoleIsBrokenWhateverWasExpected) {
  for (const DoorMode hole : {DoorMode::any_certificate, DoorMode::open}) {
    EXPECT_THAT(broken_with_mode(hole, {}), ElementsAre(client_auth));
    EXPECT_THAT(broken_with_mode(hole, required), ElementsAre(client_auth));
    EXPECT_THAT(broken_with_mode(hole, optional), ElementsAre(client_auth));
  }
}

TEST(ClientAuth, RequiredIsContradictedByADoorThatIsOptionalOrNone) {
  EXPECT_THAT(broken_with_mode(DoorMode::optional, required), ElementsAre(client_auth));
  EXPECT_THAT(broken_with_mode(DoorMode::none, required), ElementsAre(client_auth));
  EXPECT_THAT(broken_with_mode(DoorMode::required, required), IsEmpty());
}

TEST(ClientAuth, OptionalIsContradictedByADoorThatIsRequiredOrNone) {
  EXPECT_THAT(broken_with_mode(DoorMode::required, optional), ElementsAre(client_auth));
  EXPECT_THAT(broken_with_mode(DoorMode::none, optional), ElementsAre(client_auth));
  EXPECT_THAT(broken_with_mode(DoorMode::optional, optional), IsEmpty());
}

TEST(ClientAuth, NoneIsContradictedByAServerThatAsks) { EXPECT_THAT(broken(a_good_probe(), none), ElementsAre(client_auth)); }

TEST(ClientAuth, NotKnowingIsNotBroken) {
  EXPECT_THAT(broken_with_mode(DoorMode::undetermined, required), IsEmpty());
  EXPECT_THAT(broken_with_mode(DoorMode::optional, {}), IsEmpty());
}

TEST(ClientAuth, AnIdentityThatMustBeRefusedAndIsAdmittedBreaksIt) {
  WatchSlot slot = a_slot(a_good_probe(), {.must_refuse = {"billing"}});
  slot.door.knocks["billing"] = {KnockAnswer::refused, today};
  EXPECT_THAT(broken_expectations(slot), IsEmpty());
  slot.door.knocks["billing"] = {KnockAnswer::admitted, today};
  EXPECT_THAT(broken_expectations(slot), ElementsAre(client_auth));
}

TEST(Revocation, ARevokedCertificateBreaksItBesidesTheChain) {
  Handshake probe = a_good_probe();
  probe.chain = a_judgement(false, {{.finding = Finding::revoked, .severity = Severity::critical, .position = 0}});
  EXPECT_THAT(broken(probe), ElementsAre(chain, revocation));
}

TEST(CertificateFindings, OnlyCriticalOnesBreakTheCertificate) {
  Handshake probe = a_good_probe();
  probe.chain = a_judgement(true, {{.finding = Finding::no_san, .severity = Severity::warning, .position = 0}});
  EXPECT_THAT(broken(probe), IsEmpty());
  probe.chain = a_judgement(true, {{.finding = Finding::no_san, .severity = Severity::critical, .position = 0}});
  EXPECT_THAT(broken(probe), ElementsAre(certificate));
  probe.chain = a_judgement(true, {{.finding = Finding::superfluous, .severity = Severity::critical, .position = 1}});
  EXPECT_THAT(broken(probe), IsEmpty());
}

TEST(Expectations, TheWordsAreTheContract) {
  std::vector<std::string_view> words;
  for (int index = 0; index <= static_cast<int>(certificate); ++index) words.push_back(word(static_cast<Expectation>(index)));
  EXPECT_THAT(words, ElementsAre("handshake", "chain", "hostname", "client_certificate", "client_auth", "application",
                                 "revocation", "certificate"));
}

}  // namespace
}  // namespace exporter
