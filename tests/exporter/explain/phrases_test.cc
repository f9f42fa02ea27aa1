#include "exporter/explain/phrases.h"

#include <gtest/gtest.h>

#include "tests/support/an_account.h"

namespace exporter::explain {
namespace {

using namespace std::chrono_literals;
using ::tests::support::today;

const auto now = std::chrono::floor<std::chrono::seconds>(today);

// As `printf "%.1f"` of an alert's value does.
TEST(Phrases, DaysAreRoundedAsAlertsRoundThem) {
  EXPECT_EQ(days_until(now + 24h, today), "1.0");
  EXPECT_EQ(days_until(now + 24h - 1s, today), "1.0");
  EXPECT_EQ(days_until(now + 22h, today), "0.9");
  EXPECT_EQ(days_until(now - 55h, today), "-2.3");
  EXPECT_EQ(ending(now - 1s, today), "expired 0.0 days ago (2026-10-31)");
}

TEST(Phrases, AnEndIsBeforeOrBehindUs) {
  EXPECT_EQ(ending(now + 48h, today), "expires in 2.0 days (2026-11-03)");
  EXPECT_EQ(ending(now - 48h, today), "expired 2.0 days ago (2026-10-30)");
}

TEST(Phrases, DatesGoToTheEndOfTheCalendar) {
  EXPECT_EQ(date(std::chrono::sys_days(std::chrono::year(9999) / 12 / 31) + 86399s), "9999-12-31");
}

TEST(Phrases, DaysToTheEndsOfTheCalendarDoNotTurnRound) {
  const std::chrono::sys_seconds last(253402300799s), first(-62135596800s);
  EXPECT_EQ(ending(last, today), "expires in 2912139.0 days (9999-12-31)");
  EXPECT_EQ(ending(first, today), "expired 739920.0 days ago (0001-01-01)");
}

TEST(Phrases, ADateThatCannotBeReadIsCalledSo) {
  EXPECT_EQ(ending({}, today), "has an end that cannot be read");
  EXPECT_EQ(date({}), "a date that cannot be read");
}

TEST(Phrases, ListsAreCutWithACount) {
  EXPECT_EQ(joined({"a", "b"}, 2), "a, b");
  EXPECT_EQ(joined({"a", "b", "c"}, 2), "a, b and 1 more");
  EXPECT_EQ(joined({}, 2), "");
}

TEST(Phrases, LinesAreBrokenAtBlanksAndIndented) {
  EXPECT_EQ(wrapped("one two three", 2, 9), "one two\n  three");
  EXPECT_EQ(wrapped("one two three", 2, 15), "one two three");
  EXPECT_EQ(wrapped("unbreakable word", 2, 5), "unbreakable\n  word");
}

}  // namespace
}  // namespace exporter::explain
