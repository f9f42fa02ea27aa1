#include "exporter/log.h"

#include <gtest/gtest.h>

namespace exporter {
namespace {

TEST(Log, WritesPlainValuesAsTheyAreAndQuotesTheRest) {
  EXPECT_EQ(log_line(LogFormat::logfmt, "reloaded", {{"targets", 12}, {"file", "a b.yml"}}),
            "msg=\"reloaded\" targets=12 file=\"a b.yml\"");
}

TEST(Log, NumbersAreNumbersInJson) {
  EXPECT_EQ(log_line(LogFormat::json, "x", {{"count", std::uint64_t{9970}}, {"port", "443"}}),
            "\"msg\":\"x\",\"count\":9970,\"port\":\"443\"");
}

TEST(Log, SaysNothingOfWhatIsEmpty) { EXPECT_EQ(log_line(LogFormat::logfmt, "x", {{"identity", ""}}), "msg=\"x\""); }

TEST(Log, HostileValuesStayOnOneLine) {
  EXPECT_EQ(log_line(LogFormat::logfmt, "x", {{"cn", "a\nlevel=error \"b\""}}), "msg=\"x\" cn=\"a\\nlevel=error \\\"b\\\"\"");
  EXPECT_EQ(log_line(LogFormat::json, "x", {{"cn", "a\"b\n\xff"}}), "\"msg\":\"x\",\"cn\":\"a\\\"b\\n\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace exporter
