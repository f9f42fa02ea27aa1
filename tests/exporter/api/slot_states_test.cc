#include "exporter/api/slot_states.h"

#include <gtest/gtest.h>

#include "tests/support/an_estate.h"

namespace exporter::api {
namespace {

using namespace probes::observations;
using namespace ::tests::support;

IdentitySlot identity(int days_left) {
  return {.name = "a",
          .labels = {},
          .usable = true,
          .certificates = {a_certificate("a", days_left)},
          .chain = nullptr,
          .problems = {}};
}

TEST(SlotStates, OfAnIdentityIsFailedWhereItCannotServe) {
  EXPECT_EQ(state_now(identity(90), today), State::good);
  EXPECT_EQ(state_now(identity(5), today), State::attention);
  EXPECT_EQ(state_now(identity(-1), today), State::failed);
  IdentitySlot unusable = identity(90);
  unusable.usable = false;
  EXPECT_EQ(state_now(unusable, today), State::failed);
  IdentitySlot untrusted = identity(90);
  untrusted.chain = a_judgement(false);
  EXPECT_EQ(state_now(untrusted, today), State::failed);
}

SourceSlot holding(SourceKind kind, int days_left, std::vector<Problem> problems = {}) {
  SourceSlot slot{.key = {kind, "s"}, .labels = {}, .up = true, .certificates = 1};
  slot.published = {{.place = Location("/x.pem"),
                     .certificate = a_certificate("x", days_left),
                     .chain = nullptr,
                     .problems = std::make_shared<const std::vector<Problem>>(std::move(problems))}};
  return slot;
}

TEST(SlotStates, OfFilesAndAuthoritiesGoByWhatCountsInThem) {
  const std::vector<Problem> replaced = {{.finding = Finding::superseded, .severity = Severity::info}};
  EXPECT_EQ(state_now(holding(SourceKind::file, 90), today), State::good);
  EXPECT_EQ(state_now(holding(SourceKind::file, 5), today), State::attention);
  EXPECT_EQ(state_now(holding(SourceKind::file, -5), today), State::failed);
  EXPECT_EQ(state_now(holding(SourceKind::file, -5, replaced), today), State::good) << "nobody waits for what was replaced";
  EXPECT_EQ(state_now(holding(SourceKind::authority, -5), today), State::good) << "nobody misses it";
  EXPECT_EQ(severity_now(holding(SourceKind::file, 5), today), ExpirySeverity::warning);
  EXPECT_EQ(severity_now(holding(SourceKind::file, 5, replaced), today), ExpirySeverity::none);
  SourceSlot down = holding(SourceKind::file, 90);
  down.up = false;
  EXPECT_EQ(state_now(down, today), State::failed);
}

TEST(SlotStates, OfACallerThatIsSilentWakesNobody) {
  const auto state = [](CallerState is, WallTime until) { return state_now(Caller{.state = is, .calls_until = until}, today); };
  const WallTime later = today + std::chrono::hours(1);
  EXPECT_EQ(state(CallerState::valid, later), State::good);
  EXPECT_EQ(state(CallerState::expiring, later), State::attention);
  EXPECT_EQ(state(CallerState::revoked, later), State::failed);
  EXPECT_EQ(state(CallerState::revoked, today), State::pending);
}

TEST(SlotStates, OfATrustStoreDoNotGoByAnchorsThatNothingUses) {
  TrustSlot store{.name = "t", .labels = {}, .certificates = {a_certificate("Old Root", -3)}};
  EXPECT_EQ(state_now(store), State::failed) << "it could not be read";
  store.up = true;
  EXPECT_EQ(state_now(store), State::good);
}

TEST(SlotStates, OfAnIssuerOfWhichOnlyTheNameIsKnownIsOpen) {
  EXPECT_EQ(state_of_issuer(nullptr, today), State::pending);
  EXPECT_EQ(state_of_issuer(a_certificate("Root", -1), today), State::failed);
}

}  // namespace
}  // namespace exporter::api
