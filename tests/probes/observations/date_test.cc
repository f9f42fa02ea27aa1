#include "probes/observations/date.h"

#include <gtest/gtest.h>

#include <concepts>

#include "probes/observations/wall_time.h"

namespace probes::observations {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_seconds last_second{253402300799s};   // 9999-12-31T23:59:59Z
constexpr std::chrono::sys_seconds first_second{-62135596800s};  // 0001-01-01T00:00:00Z

// An unreadable date that is less than every other is a certificate that has expired: comparing does not compile.
static_assert(!std::totally_ordered<Date>);
static_assert(!std::totally_ordered_with<Date, std::chrono::sys_seconds>);
static_assert(!std::convertible_to<Date, std::chrono::sys_seconds>);
static_assert(!std::convertible_to<Date, bool>);

TEST(Date, OneThatCannotBeReadIsNoTime) {
  EXPECT_FALSE(Date());
  EXPECT_TRUE(Date(std::chrono::sys_seconds()));  // 1970 is a date as any other
  EXPECT_NE(Date(), Date(std::chrono::sys_seconds()));
  EXPECT_EQ(Date().value_or(last_second), last_second);
  EXPECT_EQ(*Date(first_second), first_second);
}

TEST(Date, AChainEndsWithItsFirstAndNobodyKnowsWhenIfOneCannotBeRead) {
  EXPECT_EQ(earlier(Date(last_second), Date(first_second)), Date(first_second));
  EXPECT_EQ(earlier(Date(first_second), Date(last_second)), Date(first_second));
  EXPECT_FALSE(earlier(Date(first_second), Date()));
  EXPECT_FALSE(earlier(Date(), Date(first_second)));
}

// Nanoseconds in 64 bits end on 2262-04-11 and begin on 1677-09-21.
TEST(WallTime, ReachesWhatCertificatesSay) {
  EXPECT_GT(last_second, wall_now());
  EXPECT_LT(first_second, wall_now());
  EXPECT_GT(last_second - wall_now(), std::chrono::years(7900));
  EXPECT_GT(wall_now() - first_second, std::chrono::years(2000));
  EXPECT_LE(wall_seconds(), wall_now());
}

}  // namespace
}  // namespace probes::observations
