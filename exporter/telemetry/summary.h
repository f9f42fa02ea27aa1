// The estate in a few numbers, a few KB whatever its size: for a fast scrape, a federating Prometheus or a wall display. Every
// label is a word of a closed list, and each word has its series from the start. A pure function of the estate and the time; any
// thread.
#pragma once

#include <prometheus/metric_family.h>

#include <span>
#include <string_view>
#include <vector>

#include "exporter/estate/estate.h"

namespace exporter::telemetry {

// The names and the help of the families, in their order.
struct SummaryFamily {
  std::string_view name;
  std::string_view labels;  // "source, state"
  std::string_view help;    // one sentence
};
[[nodiscard]] std::span<const SummaryFamily> summary_families();

[[nodiscard]] std::vector<prometheus::MetricFamily> summary(const Estate& estate, WallTime now);

}  // namespace exporter::telemetry
