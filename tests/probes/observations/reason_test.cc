#include "probes/observations/reason.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace probes::observations {
namespace {

TEST(Reason, EveryPairHasItsOwnWords) {
  std::set<std::string> pairs;
  for (const StageReason& pair : all_reasons())
    EXPECT_TRUE(pairs.insert(std::string(word(pair.stage)) + "/" + std::string(word(pair.reason))).second);
  EXPECT_EQ(pairs.size(), 48u);
}

TEST(Reason, EveryReasonStandsUnderAStage) {
  std::set<Reason> listed;
  for (const StageReason& pair : all_reasons()) listed.insert(pair.reason);
  for (int reason = 0; reason <= static_cast<int>(Reason::internal); ++reason)
    EXPECT_TRUE(listed.contains(static_cast<Reason>(reason))) << word(static_cast<Reason>(reason));
}

TEST(Reason, EveryPairHasAMeaningOfItsOwn) {
  std::set<std::string_view> meanings;
  for (const StageReason& pair : all_reasons()) {
    EXPECT_FALSE(meaning(pair).empty()) << word(pair.reason);
    EXPECT_TRUE(meanings.insert(meaning(pair)).second) << meaning(pair);
  }
}

TEST(Alert, KnownNumbersCarryTheirIanaName) {
  EXPECT_EQ(alert_word(116), "certificate_required");
  EXPECT_EQ(alert_word(48), "unknown_ca");
  EXPECT_EQ(alert_word(112), "unrecognized_name");
}

TEST(Alert, UnknownNumbersAreKept) { EXPECT_EQ(alert_word(200), "alert_200"); }

}  // namespace
}  // namespace probes::observations
