#include "probes/inventory/issued.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace probes::inventory {
namespace {

using namespace std::chrono_literals;
using enum observations::IssuedState;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::sys_days today = std::chrono::year(2026) / 6 / 1;
constexpr std::chrono::sys_seconds now = today;

IssuedEntry entry(std::string_view holder, int days, Standing standing = Standing::good) {
  return {holder, now + std::chrono::days(days), standing};
}

std::vector<observations::IssuedState> states(const std::vector<IssuedEntry>& entries) { return issued_states(entries, now); }

TEST(Issued, ExpiresByTheClock) {
  EXPECT_THAT(states({entry("a", 1), entry("b", -1), entry("c", 0)}), ElementsAre(valid, expired, valid));
}

TEST(Issued, ALaterCertificateOfTheSameHolderSupersedes) {
  EXPECT_THAT(states({entry("a", 1), entry("b", 1), entry("a", 90)}), ElementsAre(superseded, valid, valid));
  EXPECT_THAT(states({entry("a", -10), entry("a", -1), entry("a", 90)}), ElementsAre(superseded, superseded, valid));
}

TEST(Issued, TheOrderOfIssueDecidesAndNotWhichEndsLast) {
  EXPECT_THAT(states({entry("a", 300), entry("a", 5)}), ElementsAre(superseded, valid));
}

TEST(Issued, WhatWasRevokedOrHeldIsNoRenewal) {
  EXPECT_THAT(states({entry("a", 1), entry("a", 90, Standing::revoked)}), ElementsAre(valid, revoked));
  EXPECT_THAT(states({entry("a", 1), entry("a", 90, Standing::held)}), ElementsAre(valid, held));
}

TEST(Issued, RevokedAndHeldStayWhatTheyAre) {
  EXPECT_THAT(states({entry("a", -1, Standing::revoked), entry("b", -1, Standing::held), entry("a", 90), entry("b", 90)}),
              ElementsAre(revoked, held, valid, valid));
}

TEST(Issued, NobodysCertificatesRenewNothing) { EXPECT_THAT(states({entry("", 1), entry("", 90)}), ElementsAre(valid, valid)); }

TEST(Issued, AnEndThatCannotBeReadIsNeitherExpiredNorValid) {
  EXPECT_THAT(states({{"a", {}}, entry("b", -1)}), ElementsAre(unreadable, expired));
  const std::vector<IssuedEntry> entries = {{"a", {}}, entry("b", 10), entry("c", 100)};
  const auto selection = published(entries, states(entries), {.within = 90 * 24h}, false, now);
  EXPECT_THAT(selection.chosen, ElementsAre(1, 0)) << "it is shown, behind those that end";
}

TEST(Issued, AnEndBeyondTheNanosecondsIsFarAway) {
  const std::chrono::sys_seconds last(std::chrono::seconds(253402300799));
  const std::vector<IssuedEntry> entries = {{"a", last}, entry("b", 10)};
  EXPECT_THAT(states(entries), ElementsAre(valid, valid));
  EXPECT_THAT(published(entries, states(entries), {}, false, now).chosen, ElementsAre(1, 0));
  EXPECT_THAT(published(entries, states(entries), {.within = 90 * 24h}, false, now).chosen, ElementsAre(1));
}

TEST(Issued, NothingIssuedIsNothing) { EXPECT_THAT(states({}), IsEmpty()); }

TEST(IssuedPublished, ThoseThatEndFirstWithinTheWindow) {
  const std::vector<IssuedEntry> entries = {entry("a", 50), entry("b", 10), entry("c", 91), entry("d", -3), entry("e", -91)};
  const auto selection = published(entries, states(entries), {.within = 90 * 24h}, false, now);
  EXPECT_THAT(selection.chosen, ElementsAre(3, 1, 0));
  EXPECT_EQ(selection.left_out, 0u);
}

TEST(IssuedPublished, AtMostTheLimitAndTheRestIsCounted) {
  const std::vector<IssuedEntry> entries = {entry("a", 50), entry("b", 10), entry("c", 30)};
  const auto selection = published(entries, states(entries), {.max_series = 2}, false, now);
  EXPECT_THAT(selection.chosen, ElementsAre(1, 2));
  EXPECT_EQ(selection.left_out, 1u);
}

TEST(IssuedPublished, WhatIsRevokedHeldOrSupersededWakesNobody) {
  const std::vector<IssuedEntry> entries = {entry("a", 1), entry("a", 50), entry("b", 1, Standing::revoked),
                                            entry("c", 1, Standing::held)};
  EXPECT_THAT(published(entries, states(entries), {}, false, now).chosen, ElementsAre(1));
  EXPECT_THAT(published(entries, states(entries), {}, true, now).chosen, ElementsAre(0, 1));
}

}  // namespace
}  // namespace probes::inventory
