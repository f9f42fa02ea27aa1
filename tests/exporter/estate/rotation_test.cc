// A rotation from one CA to another: what stands in the way of each step, what cannot be told, and who went ahead.
#include "exporter/estate/rotation.h"

#include <gtest/gtest.h>

#include "exporter/estate/known_issuers.h"
#include "exporter/explain/rotation_words.h"
#include "tests/support/an_estate.h"
#include "tests/support/authorities.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using namespace std::chrono_literals;
using enum RotationStep;

// From a CA (key 1) to another (key 2), of names of their own unless a test says otherwise.
class Rotation : public testing::Test {
 protected:
  Rotation() {
    config::Module both = *a_module();
    both.identities = {"old-client", "new-client"};
    both.trust = "internal";
    settings = settings_of({a_target("payments-api", std::make_shared<const config::Module>(both))});
    settings.rotations["r"] = rotation;
    for (const char* name : {"internal", "r.from", "r.to"}) settings.trust[name] = {.name = name};
    for (const char* name : {"old-client", "new-client"}) settings.identities[name] = {.name = name};
    settings.callers["gateway"].name = "gateway";
    settings.authorities["vpn"] = {.name = "vpn"};
    settings.files["stores"] = {.name = "stores"};
    estate.adopt(settings);
    stand_ready(before, after);
    trust({after});
    serve("old-client", of_new("payments.internal"));
  }

  void stand_ready(const CertificatePtr& from, const CertificatePtr& to) {
    estate.set_trust({.name = "r.from", .certificates = {from}});
    estate.set_trust({.name = "r.to", .certificates = {to}});
  }
  void trust(std::vector<CertificatePtr> anchors) { estate.set_trust({.name = "internal", .certificates = std::move(anchors)}); }

  static CertificatePtr of_old(const std::string& name) { return issued_by(name, "CN=Old CA", "a1"); }
  static CertificatePtr of_new(const std::string& name) { return issued_by(name, "CN=New CA", "a2"); }

  static Handshake probe(const CertificatePtr& leaf) {
    Handshake seen = a_good_probe();
    seen.certificates = {leaf};
    seen.chain = nullptr;
    seen.client = {};
    return seen;
  }
  // A server that asks nobody.
  void serve(const std::string& identity, const CertificatePtr& leaf) { estate.record({"payments-api", identity}, probe(leaf)); }
  // One that asks, with this list, and lets the identity in or not.
  void ask(const std::string& identity, std::vector<std::string> listed, Verdict verdict, Reason reason = Reason::access_denied) {
    Handshake seen = probe(of_new("payments.internal"));
    seen.client.requested = seen.client.sent = true;
    seen.client.verdict = verdict;
    seen.client.acceptable = std::make_shared<const AcceptableAuthorities>(
        AcceptableAuthorities{.count = listed.size(), .names = std::move(listed), .digest = "", .problems = {}});
    if (verdict == Verdict::rejected)
      seen.outcome = Failed{.stage = Stage::client_certificate, .reason = reason, .alert = {}, .detail = ""};
    estate.record({"payments-api", identity}, seen);
  }

  struct Call {
    CertificatePtr certificate;
    std::chrono::hours first, last;  // ago
    std::string verification = "SUCCESS";
    std::uint64_t accepted = 1, refused = 0;
  };
  void called(std::vector<Call> calls) {
    auto found = std::make_shared<CallersFound>();
    SourceSlot slot{.key = {SourceKind::caller, "gateway"}};
    for (const Call& call : calls) {
      found->callers.push_back(std::make_shared<const Caller>(Caller{.fingerprint = std::to_string(found->callers.size()),
                                                                     .state = CallerState::valid,
                                                                     .first_seen = today - call.first,
                                                                     .last_seen = today - call.last,
                                                                     .calls_until = today - call.last + 168h,
                                                                     .accepted = call.accepted,
                                                                     .refused = call.refused,
                                                                     .verification = call.verification}));
      slot.published.push_back({.place = Location("gateway"), .certificate = call.certificate});
    }
    slot.callers = found;
    estate.set_source(std::move(slot));
  }

  RotationStanding now() const { return standing(rotation, estate, KnownIssuers(estate), today); }
  RotationCounts counts(RotationStep step) const { return now().of(step).counts; }

  const config::Rotation rotation{.name = "r", .from = {"/pki/old.pem"}, .to = {"/pki/new.pem"}};
  const CertificatePtr before = a_ca("Old CA", 300, 1, "a1");
  const CertificatePtr after = a_ca("New CA", 3000, 2, "a2");
  config::Settings settings;
  Estate estate;
};

TEST_F(Rotation, ThatIsThroughHasNothingInItsWay) {
  const RotationStanding found = now();
  for (const RotationStep step : all_rotation_steps()) {
    EXPECT_EQ(found.of(step).counts, RotationCounts{}) << word(step);
    EXPECT_EQ(state_of(found, step), StepState::done);
  }
  EXPECT_EQ(explain::advice(found), "The rotation is complete: nothing uses or takes the old CA any more.");
}

TEST_F(Rotation, AStoreThatTakesTheOldAndNotTheNewIsFirst) {
  trust({before});
  EXPECT_EQ(counts(trust_new).pending, 1u);
  EXPECT_EQ(counts(trust_old).pending, 1u);
  EXPECT_EQ(state_of(now(), trust_new), StepState::now);
  EXPECT_EQ(state_of(now(), servers), StepState::not_yet);
  trust({before, after});
  EXPECT_EQ(counts(trust_new).pending, 0u);
  EXPECT_EQ(counts(trust_old).pending, 1u);
}

TEST_F(Rotation, AFileOfCasIsAStoreAndTheRotationsOwnFilesAreNone) {
  const auto file = [&](const char* path) {
    estate.set_source({.key = {SourceKind::file, "stores"}, .published = {{.place = Location(path), .certificate = before}}});
  };
  file("/etc/nginx/clients.pem");
  EXPECT_EQ(counts(trust_new).pending, 1u);
  file("/pki/old.pem");
  EXPECT_EQ(counts(trust_new).pending, 0u);
}

TEST_F(Rotation, ADoorIsReadByItsList) {
  ask("old-client", {"CN=Old CA"}, Verdict::unconfirmed);
  EXPECT_EQ(counts(trust_new).pending, 1u);
  ask("old-client", {"CN=Old CA", "CN=New CA"}, Verdict::unconfirmed);
  EXPECT_EQ(counts(trust_new), RotationCounts{});
  EXPECT_EQ(counts(trust_old).pending, 1u);
  ask("old-client", {"CN=New CA"}, Verdict::unconfirmed);
  EXPECT_EQ(counts(trust_old), RotationCounts{});
}

TEST_F(Rotation, ADoorWithoutAListIsUnknownUntilIdentitiesOfBothTellIt) {
  ask("old-client", {}, Verdict::unconfirmed);
  EXPECT_EQ(counts(trust_new), (RotationCounts{.unknown = 1}));
  EXPECT_EQ(counts(trust_old), (RotationCounts{.unknown = 1}));
  EXPECT_EQ(state_of(now(), trust_new), StepState::now) << "an unknown is not done";
  estate.set_identity({.name = "old-client", .certificates = {of_old("a")}});
  estate.set_identity({.name = "new-client", .certificates = {of_new("b")}});
  ask("old-client", {}, Verdict::accepted);
  ask("new-client", {}, Verdict::rejected, Reason::unknown_ca);
  EXPECT_EQ(counts(trust_new), (RotationCounts{.pending = 1}));
  ask("new-client", {}, Verdict::accepted);
  EXPECT_EQ(counts(trust_new), RotationCounts{});
  EXPECT_EQ(counts(trust_old), (RotationCounts{.pending = 1}));
}

TEST_F(Rotation, AListTellsNothingWhereBothCasHaveOneName) {
  stand_ready(a_ca("CA", 300, 1, "a1"), a_ca("CA", 3000, 2, "a2"));
  ask("old-client", {"CN=CA"}, Verdict::unconfirmed);
  EXPECT_EQ(counts(trust_new), (RotationCounts{.unknown = 1}));
}

TEST_F(Rotation, AServerThatWasNotSeenIsUnknown) {
  config::Settings more = settings;
  more.targets.push_back(a_target("new-one", settings.targets.front()->module));
  estate.adopt(more);
  EXPECT_EQ(counts(servers), (RotationCounts{.unknown = 1}));
  EXPECT_EQ(counts(trust_old), (RotationCounts{.unknown = 1}));
}

TEST_F(Rotation, AServerOfTheOldCaIsInTheWay) {
  serve("old-client", of_old("payments.internal"));
  EXPECT_EQ(counts(servers).pending, 1u);
  EXPECT_EQ(now().of(servers).pending.at(0).name, "payments-api");
}

TEST_F(Rotation, CertificatesAreToldApartByKeyWhereTheCasHaveOneName) {
  stand_ready(a_ca("CA", 300, 1, "a1"), a_ca("CA", 3000, 2, "a2"));
  serve("old-client", issued_by("payments.internal", "CN=CA", "a1"));
  EXPECT_EQ(counts(servers), (RotationCounts{.pending = 1}));
  serve("old-client", issued_by("payments.internal", "CN=CA", "a2"));
  EXPECT_EQ(counts(servers), RotationCounts{});
  serve("old-client", issued_by("payments.internal", "CN=CA", ""));
  EXPECT_EQ(counts(servers), (RotationCounts{.unknown = 1}));
}

TEST_F(Rotation, ACallerCountsUntilItsNewCertificateIsSeen) {
  called({{of_old("billing"), 100h, 1h}});
  EXPECT_EQ(counts(clients).pending, 1u);
  called({{of_old("billing"), 100h, 2h}, {of_new("billing"), 1h, 0h}});
  EXPECT_EQ(counts(clients), RotationCounts{});
}

TEST_F(Rotation, ACallerThatStillComesWithItsOldCertificateCounts) {
  called({{of_old("billing"), 100h, 1h}, {of_new("billing"), 2h, 0h}});
  EXPECT_EQ(counts(clients).pending, 1u) << "one of its processes was not restarted";
  called({{of_old("billing"), 100h, 24h}, {of_new("billing"), 25h, 0h}});
  EXPECT_EQ(counts(clients).pending, 0u) << "not seen for a day since";
  called({{of_old("billing"), 100h, 1h}, {of_new("billing"), 0h, 0h, "FAILED:unable to get issuer certificate", 0, 1}});
  EXPECT_EQ(counts(clients).pending, 1u) << "the new one was not let in";
}

TEST_F(Rotation, OurOwnProbesInALogAreIdentitiesAndCountOnce) {
  estate.set_identity({.name = "old-client", .certificates = {of_old("a")}});
  called({{of_old("a"), 100h, 1h}});
  EXPECT_EQ(counts(clients).pending, 1u);
}

TEST_F(Rotation, ACallerThatIsSilentLongEnoughIsGone) {
  called({{of_old("billing"), 1000h, 13 * 24h}});
  EXPECT_EQ(counts(clients).pending, 1u);
  called({{of_old("billing"), 1000h, 14 * 24h}});
  EXPECT_EQ(counts(clients), RotationCounts{});
}

TEST_F(Rotation, WhatWasIssuedCountsUnlessItHasCalledOrWasIssuedAnew) {
  auto ledger = std::make_shared<IssuedLedger>();
  const CertificatePtr billing = of_old("billing"), archive = of_old("archive");
  ledger->add(billing->serial(), billing->not_after(), IssuedState::valid);
  ledger->finish();
  const ValidIssued old{.issuer = "CN=Old CA", .key_identifier = "a1", .certificates = 2, .named = {billing, archive}};
  SourceSlot slot{.key = {SourceKind::authority, "vpn"}, .valid_issued = {old}};
  estate.set_source(slot);
  EXPECT_EQ(counts(clients).pending, 2u);
  slot.valid_issued.push_back({.issuer = "CN=New CA", .key_identifier = "a2", .certificates = 1, .named = {of_new("archive")}});
  estate.set_source(slot);
  EXPECT_EQ(counts(clients).pending, 1u);
}

TEST_F(Rotation, AnAuthorityOfWhichTheCaIsNotKnownIsUnknown) {
  estate.set_source({.key = {SourceKind::authority, "vpn"}, .valid_issued = {{.issuer = "", .certificates = 7}}});
  EXPECT_EQ(counts(clients), (RotationCounts{.unknown = 1}));
}

// The three wrong steps.
TEST_F(Rotation, AClientThatGoesAheadOfItsDoorIsOutOfOrder) {
  estate.set_identity({.name = "new-client", .certificates = {of_new("b")}});
  ask("new-client", {"CN=Old CA"}, Verdict::rejected, Reason::refused_by_application);
  EXPECT_EQ(counts(clients).out_of_order, 1u);
  ask("new-client", {"CN=Old CA", "CN=New CA"}, Verdict::accepted);
  EXPECT_EQ(counts(clients).out_of_order, 0u);
}

TEST_F(Rotation, ACallerThatGoesAheadOfItsDoorIsOutOfOrderUntilItGoesBack) {
  const std::string refused = "FAILED:unable to verify the first certificate";
  called({{of_old("billing"), 100h, 2h}, {of_new("billing"), 1h, 1h, refused, 0, 3}});
  EXPECT_EQ(counts(clients).out_of_order, 1u);
  called({{of_old("billing"), 100h, 0h}, {of_new("billing"), 1h, 1h, refused, 0, 3}});
  EXPECT_EQ(counts(clients).out_of_order, 0u);
}

TEST_F(Rotation, AServerThatGoesAheadOfItsStoreIsOutOfOrder) {
  trust({before});
  EXPECT_EQ(counts(servers).out_of_order, 1u);
  trust({before, after});
  EXPECT_EQ(counts(servers).out_of_order, 0u);
}

TEST_F(Rotation, TheOldCaTakenAwayTooEarlyIsOutOfOrder) {
  estate.set_identity({.name = "old-client", .certificates = {of_old("a")}});
  ask("old-client", {"CN=New CA"}, Verdict::rejected, Reason::refused_by_application);
  EXPECT_EQ(counts(trust_old).out_of_order, 1u);
  called({{of_old("billing"), 100h, 0h, "FAILED:unable to get local issuer certificate", 5, 1}});
  EXPECT_EQ(counts(trust_old).out_of_order, 2u);
}

TEST_F(Rotation, WithoutTheFilesOfItsCasNothingIsSafe) {
  estate.set_trust({.name = "r.to"});
  const RotationStanding found = now();
  for (const RotationStep step : all_rotation_steps()) EXPECT_EQ(found.of(step).counts.unknown, 1u);
  EXPECT_EQ(state_of(found, trust_new), StepState::now);
}

TEST_F(Rotation, SaysWhichStepIsSafeAndWhyTheOthersAreNot) {
  trust({before, after});
  serve("old-client", of_old("payments.internal"));
  EXPECT_EQ(
      explain::advice(now()),
      "Safe now: servers, give the servers certificates of the new CA; 1 stands in the way. Not yet safe: clients, give the "
      "clients certificates of the new CA: servers is not done. Not yet safe: trust_old, take the old CA away from doors and "
      "stores: servers is not done.");
}

}  // namespace
}  // namespace exporter
