#include "exporter/api/standing.h"

#include <gtest/gtest.h>

#include "exporter/api/remedies.h"
#include "tests/support/an_estate.h"

namespace exporter::api {
namespace {

using namespace probes::observations;
using namespace ::tests::support;

std::string first_remedy(const WatchSlot& slot) {
  const auto all = remedies(slot, standing(slot, today), asked_by(slot, nullptr, nullptr), today);
  return all.empty() ? "" : all.front();
}

TEST(Standing, IsGoodWhenEverythingExpectedHolds) {
  const WatchSlot slot = a_slot(a_good_probe());
  EXPECT_EQ(standing(slot, today).state, State::good);
  EXPECT_EQ(standing(slot, today).cause, "");
  EXPECT_EQ(first_remedy(slot), "");
}

TEST(Standing, WantsAttentionWhenACertificateEndsWithinTheDaysItsTargetAsksFor) {
  Handshake probe = a_good_probe();
  probe.certificates = {a_certificate("payments.internal", 20)};
  const WatchSlot slot = a_slot(probe);
  EXPECT_EQ(standing(slot, today).state, State::attention);
  EXPECT_EQ(standing(slot, today).cause, "The certificate expires in 20.0 days (2026-11-21)");
  EXPECT_EQ(first_remedy(slot),
            "Renew payments.internal (issued by Internal CA) before 2026-11-21, and have the server load it.");
  probe.certificates = {a_certificate("payments.internal", 21)};
  EXPECT_EQ(standing(a_slot(probe), today).state, State::good);
}

TEST(Standing, WantsAttentionWhileARenewedCertificateIsNotLoaded) {
  WatchSlot slot = a_slot(a_good_probe());
  CertificateDraft renewed = draft_of(*slot.received->certificates.front());
  renewed.fingerprint_sha256 = std::string(64, 'b');
  renewed.not_before = *renewed.not_before + std::chrono::hours(1);
  slot.stored = {{Location("/etc/ssl/payments.pem"), packed(renewed)}};
  EXPECT_EQ(standing(slot, today).state, State::attention);
  EXPECT_EQ(standing(slot, today).cause, "The certificate was renewed on disk and not loaded: /etc/ssl/payments.pem is later");
  EXPECT_EQ(first_remedy(slot), "Reload payments-api: /etc/ssl/payments.pem holds a later certificate than it serves.");
  slot.stored = {{Location("/etc/ssl/payments.pem"), slot.received->certificates.front()}};
  EXPECT_EQ(standing(slot, today).state, State::good);
}

TEST(Standing, WithoutAThresholdGoesByDaysAndLifetimeAsTheAlertDoes) {
  CertificateDraft leaf = draft_of(*a_certificate("a", 29));
  leaf.not_before = *leaf.not_after - std::chrono::days(365);
  EXPECT_TRUE(ends_soon(*packed(leaf), *leaf.not_after, today, std::nullopt));
  leaf.not_before = *leaf.not_after - std::chrono::days(47);
  EXPECT_FALSE(ends_soon(*packed(leaf), *leaf.not_after, today, std::nullopt)) << "more than a quarter of 47 days is left";
}

TEST(Standing, NamesTheHoleInADoor) {
  WatchSlot slot = a_slot(a_good_probe(), {.expect = config::ClientAuthExpectation::required, .must_refuse = {"anonymous"}});
  slot.door.mode = DoorMode::open;
  slot.door.knocks["anonymous"] = {KnockAnswer::admitted, today};
  EXPECT_EQ(standing(slot, today).state, State::failed);
  EXPECT_EQ(standing(slot, today).cause, "Strangers get in: the server lets everybody in, with any certificate or none");
  EXPECT_EQ(standing(slot, today).word, "open");
  EXPECT_EQ(
      first_remedy(slot),
      "The server lets everybody in, with any certificate or none. Make payments-api require and verify client certificates: it "
      "let in anonymous.");
}

TEST(Standing, SaysThatANameDoesNotMatchOnlyWhenTheChainIsWell) {
  Handshake probe = a_good_probe();
  probe.hostname_match = false;
  EXPECT_EQ(standing(a_slot(probe), today).cause, "The certificate is for another name");
  probe.chain = a_judgement(false, {{.finding = Finding::expired, .severity = Severity::critical}});
  EXPECT_EQ(standing(a_slot(probe), today).cause, row(Finding::expired).meaning);
}

TEST(Standing, WantsAttentionWhileADoorCannotBeJudged) {
  WatchSlot slot = a_slot(a_good_probe());
  slot.door.mode = DoorMode::undetermined;
  EXPECT_EQ(standing(slot, today).state, State::attention);
  EXPECT_NE(first_remedy(slot).find("Wait for the next knocks at payments-api"), std::string::npos);
}

TEST(Standing, IsPendingBeforeTheFirstProbe) {
  const WatchSlot slot{.target = a_target("a", a_module())};
  EXPECT_EQ(standing(slot, today).state, State::pending);
}

}  // namespace
}  // namespace exporter::api
