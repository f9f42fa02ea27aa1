#include "exporter/log.h"

#include <gtest/gtest.h>

namespace exporter {
namespace {

TEST(Log, WritesPlainValuesAsTheyAreAndQuotesTheRest) {
  EXPECT_EQ(log_line(LogFormat::logfmt, "reloaded", {{"targets", "12"}, {"file", "a b.yml"}}),
            "msg=\"reloaded\" targets=12 file=\"a b.yml\"");
}

TEST(Log, HostileValuesStayOnOneLine) {
  EXPECT_EQ(log_line(LogFormat::logfmt, "x", {{"cn", "a\nlevel=error \"b\""}}), "msg=\"x\" cn=\"a\\nlevel=error \\\"b\\\"\"");
  EXPECT_EQ(log_line(LogFormat::json, "x", {{"cn", "a\"b\n\xff"}}), "\"msg\":\"x\",\"cn\":\"a\\\"b\\n\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace exporter
