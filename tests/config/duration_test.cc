#include "config/duration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace config {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::VariantWith;

std::chrono::milliseconds good(std::string_view text) {
  const auto parsed = parse_duration(text);
  const auto* duration = std::get_if<std::chrono::milliseconds>(&parsed);
  EXPECT_NE(duration, nullptr) << text;
  return duration == nullptr ? std::chrono::milliseconds(-1) : *duration;
}

TEST(Duration, ReadsEveryUnitOfPrometheus) {
  EXPECT_EQ(good("500ms"), 500ms);
  EXPECT_EQ(good("30s"), 30s);
  EXPECT_EQ(good("5m"), 5min);
  EXPECT_EQ(good("12h"), 12h);
  EXPECT_EQ(good("14d"), 14 * 24h);
  EXPECT_EQ(good("1w"), 7 * 24h);
  EXPECT_EQ(good("1y"), 365 * 24h);
  EXPECT_EQ(good("0"), 0ms);
  EXPECT_EQ(good("0s"), 0ms);
}

TEST(Duration, AddsUnitsFromLargeToSmall) {
  EXPECT_EQ(good("1h30m"), 90min);
  EXPECT_EQ(good("1y2w3d4h5m6s7ms"), 365 * 24h + 14 * 24h + 3 * 24h + 4h + 5min + 6s + 7ms);
}

TEST(Duration, SaysWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    std::string_view text, wrong;
  } cases[] = {
      {"", "is no duration"},
      {"soon", "is no duration"},
      {"-5s", "is no duration"},
      {"5", "has no unit"},
      {"1h30", "has no unit"},
      {"5 s", "unknown unit ` s`"},
      {"5min", "unknown unit `min`"},
      {"1.5h", "unknown unit `.`"},
      {"30m1h", "out of order"},
      {"1m1m", "out of order"},
      {"101y", "is longer than 100y"},
      {"99999999999999999999s", "is too long"},
      {"9223372036854775807ms", "is longer than 100y"},
  };
  for (const auto& [text, wrong] : cases) {
    EXPECT_THAT(parse_duration(text), VariantWith<std::string>(HasSubstr(wrong))) << text;
    EXPECT_THAT(parse_duration(text), VariantWith<std::string>(HasSubstr("; write a duration like 30s"))) << text;
  }
}

TEST(Duration, HundredYearsAreTheLongest) {
  EXPECT_EQ(good("100y"), longest_duration);
  EXPECT_THAT(parse_duration("100y1ms"), VariantWith<std::string>(HasSubstr("longer than 100y")));
}

TEST(Duration, IsWrittenAsItIsRead) {
  for (const std::string_view text : {"500ms", "30s", "1h30m", "1d", "1w", "1y2w3d4h5m6s7ms", "100y", "0s"})
    EXPECT_EQ(duration_text(good(text)), text);
  EXPECT_EQ(duration_text(-90min), "-1h30m");
}

}  // namespace
}  // namespace config
