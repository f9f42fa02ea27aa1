#include "exporter/metrics/scrape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <sstream>

#include "exporter/metrics/number.h"
#include "tests/support/an_estate.h"

namespace exporter::metrics {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class Scrape : public ::testing::Test {
 protected:
  Scrape() {
    estate.adopt(settings_of({a_target("a", a_module()), a_target("b", a_module())}));
    for (const char* target : {"a", "b"}) estate.record({target, "service-a"}, a_good_probe());
  }
  std::string text(Format format = Format::text, WallTime now = today) const { return exposition(estate.texts(), format, now); }
  Estate estate;
};

TEST_F(Scrape, HasHeadersOnceAndAFamilysSamplesTogether) {
  std::set<std::string> families;
  std::string current;
  std::istringstream lines(text());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      current = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(current).second) << line;
    } else if (!line.starts_with("#")) {
      EXPECT_EQ(line.substr(0, line.find('{')), current);
    }
  }
  EXPECT_GT(families.size(), 20u);
}

TEST_F(Scrape, LeavesOutFamiliesWithoutSamples) { EXPECT_THAT(text(), Not(HasSubstr("mtls_handshake_failure_info"))); }

TEST_F(Scrape, DaysFollowTheClockOfTheScrape) {
  const std::string leaf =
      "mtls_certificate_expiry_days{source=\"server\",target=\"b\",identity=\"service-a\",address=\"\",position=\"0\","
      "subject_cn=\"payments.internal\"} ";
  EXPECT_THAT(text(), HasSubstr(leaf + "90\n"));
  EXPECT_THAT(text(Format::text, today + 12h), HasSubstr(leaf + "89.5\n"));
  EXPECT_THAT(text(Format::text, today + 91 * 24h), HasSubstr(leaf + "-1\n"));
  EXPECT_THAT(text(Format::text, today + 30 * 24h),
              HasSubstr("mtls_chain_expiry_days{source=\"server\",target=\"a\",identity=\"service-a\","
                        "address=\"\"} 30\n"));
}

TEST_F(Scrape, OpenMetricsNamesCounterFamiliesWithoutTotalAndEnds) {
  const std::string openmetrics = text(Format::openmetrics);
  EXPECT_THAT(openmetrics, HasSubstr("# TYPE mtls_probes counter\nmtls_probes_total{"));
  EXPECT_THAT(openmetrics, EndsWith("# EOF\n"));
  EXPECT_THAT(text(), HasSubstr("# TYPE mtls_probes_total counter\nmtls_probes_total{"));
  EXPECT_THAT(text(), Not(HasSubstr("# EOF")));
}

TEST_F(Scrape, OfTheWholeExporterIncludesItsOwnMetrics) {
  OwnMetrics own("1.2.3");
  EXPECT_THAT(scrape(estate, own, Format::text, today), HasSubstr("mtls_exporter_build_info{"));
}

std::string number(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

TEST(Number, IsTheShortestThatReadsBackTheSame) {
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(number(-0.5), "-0.5");
  EXPECT_EQ(std::stod(number(89.12345678901234)), 89.12345678901234);
}

TEST(Number, WholeOnesHaveNoExponent) {
  EXPECT_EQ(number(1700000000), "1700000000");
  EXPECT_EQ(number(253402300799), "253402300799");
  EXPECT_EQ(number(0), "0");
}

TEST(Number, TheUnusualOnesAreSpeltAsPrometheusDoes) {
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(std::stod(number(1e300)), 1e300);
}

}  // namespace
}  // namespace exporter::metrics
