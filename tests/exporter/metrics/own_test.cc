#include "exporter/metrics/own.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/metrics/process.h"
#include "exporter/metrics/scrape.h"
#include "tests/support/an_estate.h"

namespace exporter::metrics {
namespace {

using namespace std::chrono_literals;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::tests::support::today;

std::string exposed(const OwnMetrics& own, Format format = Format::text) {
  return text_of({{std::make_shared<SlotText>(own.text(format))}, families(), format, today});
}

TEST(OwnMetrics, CountsProbesInFlight) {
  OwnMetrics own(Build{.version = "1.2.3", .revision = "abc", .compiler = "g++", .openssl = "3.5.9"});
  own.probe_started();
  own.probe_started();
  own.probe_finished();
  own.targets(7);
  EXPECT_THAT(exposed(own), HasSubstr("\nmtls_exporter_probes_in_flight 1\n"));
  EXPECT_THAT(exposed(own), HasSubstr("\nmtls_exporter_targets 7\n"));
  EXPECT_THAT(exposed(own), HasSubstr("{compiler=\"g++\",openssl=\"3.5.9\",revision=\"abc\",version=\"1.2.3\"} 1\n"));
}

TEST(OwnMetrics, AFailedReloadLeavesTheTimeOfTheLastGoodOne) {
  OwnMetrics own(Build{});
  own.config_reloaded(true, today);
  own.config_reloaded(false, today + 1h);
  EXPECT_THAT(exposed(own), HasSubstr("\nmtls_exporter_config_last_reload_successful 0\n"));
  EXPECT_THAT(exposed(own), HasSubstr("\nmtls_exporter_config_last_reload_success_timestamp_seconds 1793491200\n"));
}

TEST(OwnMetrics, LagIsAHistogramWhoseBoundsEachFormatWritesItsWay) {
  OwnMetrics own(Build{});
  own.observe_lag(20ms);
  own.observe_lag(700ms);
  EXPECT_THAT(exposed(own), HasSubstr("_lag_seconds_bucket{le=\"0.01\"} 0\n"));
  EXPECT_THAT(exposed(own), HasSubstr("_lag_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(exposed(own), HasSubstr("_lag_seconds_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(exposed(own), HasSubstr("_lag_seconds_sum 0.72\n"));
  EXPECT_THAT(exposed(own), HasSubstr("_lag_seconds_count 2\n"));
  EXPECT_THAT(exposed(own, Format::openmetrics), HasSubstr("_lag_seconds_bucket{le=\"1.0\"} 2\n"));
}

TEST(OwnMetrics, DelayedProbesAreCountedByCauseFromZero) {
  OwnMetrics own(Build{});
  EXPECT_THAT(exposed(own), HasSubstr("\nmtls_exporter_probes_delayed_total{cause=\"descriptors\"} 0\n"));
  own.probe_delayed(DelayCause::places);
  own.probe_delayed(DelayCause::places);
  EXPECT_THAT(exposed(own), HasSubstr("\nmtls_exporter_probes_delayed_total{cause=\"descriptors\"} 0\n"));
  EXPECT_THAT(exposed(own), HasSubstr("\nmtls_exporter_probes_delayed_total{cause=\"places\"} 2\n"));
}

TEST(OwnMetrics, TellsAboutTheProcess) {
  const auto process = read_process();
  ASSERT_TRUE(process);
  EXPECT_GT(process->resident_bytes, 1e6);
  EXPECT_GT(process->virtual_bytes, process->resident_bytes);
  EXPECT_GE(process->open_fds.value(), 3);
  EXPECT_GT(process->max_fds.value(), process->open_fds.value());
  EXPECT_GT(process->start_time_seconds, 1.6e9);
  EXPECT_THAT(exposed(OwnMetrics(Build{})), ContainsRegex("\nprocess_resident_memory_bytes [0-9]+\n"));
}

}  // namespace
}  // namespace exporter::metrics
