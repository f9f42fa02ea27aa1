#include "exporter/estate/fanned_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using testing::ElementsAre;
using testing::IsEmpty;

WatchSlot slot_of(Handshake seen) { return a_slot(std::move(seen)); }

// What differs, whichever is looked at first.
std::vector<std::string> between(const Handshake& one, const Handshake& other) {
  const auto there = differences(slot_of(one), slot_of(other)), back = differences(slot_of(other), slot_of(one));
  EXPECT_EQ(there, back);
  return there;
}

TEST(Addresses, OfOneServerAgree) { EXPECT_THAT(between(a_good_probe(), a_good_probe()), IsEmpty()); }

TEST(Addresses, DisagreeByTheirCertificate) {
  Handshake other = a_good_probe();
  CertificateDraft another = draft_of(*a_certificate("payments.internal", 10));
  another.fingerprint_sha256 = std::string(64, 'e');
  other.certificates = {packed(another)};
  EXPECT_THAT(between(a_good_probe(), other), ElementsAre("another certificate"));
}

TEST(Addresses, DisagreeByTheVerdictOnTheChain) {
  Handshake other = a_good_probe();
  other.chain = a_judgement(false);
  EXPECT_THAT(between(a_good_probe(), other), ElementsAre("another verdict on the chain"));
}

TEST(Addresses, DisagreeByTheAnswerToOurCertificate) {
  Handshake other = a_good_probe();
  other.client.verdict = Verdict::rejected;
  EXPECT_THAT(between(a_good_probe(), other), ElementsAre("another answer to our certificate"));
}

// Nothing confident and wrong: what one of them did not say is no difference.
TEST(Addresses, AreNotComparedInWhatIsNotKnown) {
  Handshake unsettled = a_good_probe();
  unsettled.client.verdict = Verdict::unconfirmed;
  EXPECT_THAT(between(a_good_probe(), unsettled), IsEmpty());
  EXPECT_THAT(between(a_good_probe(), a_failed_probe(Stage::connect, Reason::refused)), IsEmpty());
}

TEST(Addresses, DisagreeWhereOneDoesNoStarttls) {
  Handshake upgraded = a_good_probe();
  upgraded.phases.dialogue = std::chrono::milliseconds(3);
  EXPECT_THAT(between(upgraded, a_failed_probe(Stage::starttls, Reason::starttls_refused)),
              ElementsAre("STARTTLS refused at one of them"));
  EXPECT_THAT(between(a_good_probe(), a_failed_probe(Stage::starttls, Reason::starttls_timeout)), IsEmpty());
}

TEST(Addresses, AreComparedForEachIdentityByItself) {
  Handshake other = a_good_probe();
  other.client.verdict = Verdict::rejected;
  EXPECT_THAT(differences(a_slot(a_good_probe()), a_slot(other, {}, "billing")), IsEmpty());
}

}  // namespace
}  // namespace exporter
