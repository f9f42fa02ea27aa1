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
  std::string text(Format format = Format::text, WallTime now = today) const {
    return text_of({estate.texts(now), families(), format, now});
  }
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
  OwnMetrics own(Build{.version = "1.2.3", .revision = "", .compiler = "", .openssl = ""});
  EXPECT_THAT(text_of(scrape(estate, own, Format::text, today)), HasSubstr("mtls_exporter_build_info{"));
}

TEST_F(Scrape, ComesInPiecesOfWholeLinesThatMakeTheSameText) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{300}, std::size_t{5000}, std::size_t{1} << 20}) {
    Exposition exposition(estate.texts(today), families(), Format::openmetrics, today, size);
    std::string joined;
    std::size_t largest = 0;
    for (std::string_view piece = exposition.next(); !piece.empty(); piece = exposition.next()) {
      EXPECT_TRUE(piece.ends_with("\n")) << piece;
      largest = std::max(largest, piece.size());
      joined.append(piece);
    }
    EXPECT_EQ(joined, text(Format::openmetrics)) << size;
    if (size >= 5000) {
      EXPECT_LE(largest, size);
    }
    EXPECT_EQ(exposition.next(), "");
  }
}

// One slot with one sample of each of many rows, some of which share their labels.
TEST(Exposition, LabelsThatSamplesShareStandInTheTextOnce) {
  const Family one{.name = "one", .more = {"more"}, .help = "h", .samples = FromRegistry{}};
  const Family two{.name = "two", .help = "h", .samples = FromRegistry{}};
  const std::array table = {one, two};
  const std::string long_labels = "b=\"" + std::string(300, 'b') + "\"";
  const std::string huge_labels = "c=\"" + std::string(100'000, 'c') + "\"";
  Samples samples(config::Detail::full);
  samples.open(table[0], 0);
  for (const std::string& labels : {std::string("a=\"1\""), long_labels, std::string(), huge_labels}) {
    samples.of_row(labels);
    samples.add(1, {"x"});
    samples.add(1, {"x"});  // a duplicate
    samples.add(2, {"y"});
  }
  samples.open(table[1], 1);
  for (const std::string& labels : {long_labels, std::string("a=\"1\""), std::string(), huge_labels}) {
    samples.of_row(labels);
    samples.add(3);
  }
  const auto slot = std::make_shared<SlotText>(samples.finish());
  EXPECT_LT(slot->text.size(), 3 * huge_labels.size() + 2 * long_labels.size()) << "labels too long for it do not share";
  EXPECT_EQ(text_of({{slot}, table, Format::text, today, 1000}),
            "# HELP one h\n# TYPE one gauge\n"
            "one{a=\"1\",more=\"x\"} 1\none{a=\"1\",more=\"y\"} 2\n"
            "one{" +
                long_labels + ",more=\"x\"} 1\none{" + long_labels +
                ",more=\"y\"} 2\n"
                "one{more=\"x\"} 1\none{more=\"y\"} 2\n"
                "one{" +
                huge_labels + ",more=\"x\"} 1\none{" + huge_labels +
                ",more=\"y\"} 2\n"
                "# HELP two h\n# TYPE two gauge\n"
                "two{" +
                long_labels + "} 3\ntwo{a=\"1\"} 3\ntwo 3\ntwo{" + huge_labels + "} 3\n");
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

std::string days(std::chrono::seconds time) {
  std::array<char, number_limit> out;
  return {out.data(), write_days(out, time)};
}

TEST(Number, DaysTellEverySecondFromTheNext) {
  EXPECT_EQ(days(0s), "0");
  EXPECT_EQ(days(24h * 90), "90");
  EXPECT_EQ(days(12h), "0.5");
  EXPECT_EQ(days(-12h), "-0.5");
  EXPECT_EQ(days(24h + 1s), "1.000012");
  EXPECT_EQ(days(24h - 1s), "0.999988");
  EXPECT_EQ(days(-1s), "-0.000012");
  EXPECT_EQ(days(std::chrono::seconds(253402300799)), "2932896.999988");  // the end of 9999
  EXPECT_EQ(days(std::chrono::seconds::min()).substr(0, 6), "-10675");
  for (std::int64_t second = 0; second < 86400; second += 61)
    EXPECT_EQ(std::llround(std::stod(days(std::chrono::seconds(second))) * 86400), second);
}

TEST(Number, TheUnusualOnesAreSpeltAsPrometheusDoes) {
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(std::stod(number(1e300)), 1e300);
}

}  // namespace
}  // namespace exporter::metrics
