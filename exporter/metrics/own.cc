#include "exporter/metrics/own.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <atomic>
#include <cmath>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "exporter/metrics/family.h"
#include "exporter/metrics/label.h"
#include "exporter/metrics/number.h"
#include "exporter/metrics/process.h"

namespace exporter::metrics {

namespace {

// From a hundredth of a second, which nobody notices, to half a usual interval.
const prometheus::Histogram::BucketBoundaries lag_buckets = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

// To twenty thousandths, which no peer may make a step last, and beyond.
const prometheus::Histogram::BucketBoundaries step_buckets = {0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1};

// OpenMetrics 1.0, "Canonical Numbers": the value of `le` is written as a float, "1.0".
std::string bound_label(double bound, Format format) {
  std::string text;
  append_number(text, bound);
  if (format == Format::openmetrics && text.find_first_not_of("0123456789") == std::string::npos) text += ".0";
  return text;
}

void add_histogram(const prometheus::ClientMetric::Histogram& histogram, Format format, Samples& out) {
  for (const auto& bucket : histogram.bucket)
    out.add(bucket.cumulative_count, {bound_label(bucket.upper_bound, format)}, "_bucket");
  out.add(histogram.sample_sum, {}, "_sum");
  out.add(histogram.sample_count, {}, "_count");
}

void add(const prometheus::MetricFamily& family, Format format, Samples& out) {
  for (const prometheus::ClientMetric& metric : family.metric) {
    std::string labels;
    for (const auto& label : metric.label) append_label(labels, label.name, label.value);
    out.of_row(labels);
    switch (family.type) {
      case prometheus::MetricType::Counter: out.add(metric.counter.value); break;
      case prometheus::MetricType::Histogram: add_histogram(metric.histogram, format, out); break;
      default: out.add(metric.gauge.value);
    }
  }
}

prometheus::MetricFamily single(std::string name, prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  (type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return {.name = std::move(name), .help = "", .type = type, .metric = {std::move(metric)}};
}

void collect_storage(const StorageFigures& figures, std::vector<prometheus::MetricFamily>& collected) {
  using enum prometheus::MetricType;
  collected.push_back(single("mtls_exporter_storage_up", Gauge, figures.up ? 1 : 0));
  collected.push_back(single("mtls_exporter_storage_size_bytes", Gauge, static_cast<double>(figures.bytes)));
  if (figures.written)
    collected.push_back(
        single("mtls_exporter_storage_last_write_timestamp_seconds", Gauge,
               static_cast<double>(std::chrono::floor<std::chrono::seconds>(*figures.written).time_since_epoch().count())));
  prometheus::MetricFamily rows{.name = "mtls_exporter_storage_rows", .help = "", .type = Gauge, .metric = {}};
  for (const auto& [table, count] : figures.rows) {
    prometheus::ClientMetric metric;
    metric.label = {{"table", table}};
    metric.gauge.value = static_cast<double>(count);
    rows.metric.push_back(std::move(metric));
  }
  collected.push_back(std::move(rows));
}

void collect_process(std::vector<prometheus::MetricFamily>& collected) {
  const std::optional<Process> process = read_process();
  if (!process) return;
  using enum prometheus::MetricType;
  collected.push_back(single("process_cpu_seconds_total", Counter, process->cpu_seconds));
  collected.push_back(single("process_start_time_seconds", Gauge, std::floor(process->start_time_seconds)));
  collected.push_back(single("process_virtual_memory_bytes", Gauge, process->virtual_bytes));
  collected.push_back(single("process_resident_memory_bytes", Gauge, process->resident_bytes));
  if (process->open_fds) collected.push_back(single("process_open_fds", Gauge, *process->open_fds));
  if (process->max_fds) collected.push_back(single("process_max_fds", Gauge, *process->max_fds));
}

}  // namespace

struct OwnMetrics::Instruments {
  prometheus::Registry registry;

  prometheus::Gauge& gauge(const std::string& name, const prometheus::Labels& labels = {}) {
    return prometheus::BuildGauge().Name(name).Register(registry).Add(labels);
  }

  prometheus::Gauge& reload_successful = gauge("mtls_exporter_config_last_reload_successful");
  prometheus::Gauge& reload_time = gauge("mtls_exporter_config_last_reload_success_timestamp_seconds");
  prometheus::Gauge& targets = gauge("mtls_exporter_targets");
  prometheus::Gauge& in_flight = gauge("mtls_exporter_probes_in_flight");
  prometheus::Counter& delayed(const char* cause) {
    return prometheus::BuildCounter().Name("mtls_exporter_probes_delayed_total").Register(registry).Add({{"cause", cause}});
  }
  prometheus::Counter& delayed_by_descriptors = delayed("descriptors");
  prometheus::Counter& delayed_by_places = delayed("places");
  mutable std::mutex of_storage;
  std::optional<StorageFigures> storage;  // guarded
  std::atomic<std::uint64_t> certificates_read = 0;
  std::atomic<std::uint64_t> chains_judged = 0;
  prometheus::Histogram& lag =
      prometheus::BuildHistogram().Name("mtls_exporter_schedule_lag_seconds").Register(registry).Add({}, lag_buckets);
  prometheus::Histogram& lane_step =
      prometheus::BuildHistogram().Name("mtls_exporter_lane_step_seconds").Register(registry).Add({}, step_buckets);
};

OwnMetrics::OwnMetrics(const Build& build) : instruments_(std::make_unique<Instruments>()) {
  instruments_
      ->gauge(
          "mtls_exporter_build_info",
          {{"version", build.version}, {"revision", build.revision}, {"compiler", build.compiler}, {"openssl", build.openssl}})
      .Set(1);
}

OwnMetrics::~OwnMetrics() = default;

void OwnMetrics::probe_started() { instruments_->in_flight.Increment(); }

void OwnMetrics::probe_finished() { instruments_->in_flight.Decrement(); }

void OwnMetrics::observe_lag(std::chrono::nanoseconds lag) {
  instruments_->lag.Observe(std::chrono::duration<double>(lag).count());
}

void OwnMetrics::observe_lane_step(std::chrono::nanoseconds cpu) {
  instruments_->lane_step.Observe(std::chrono::duration<double>(cpu).count());
}

void OwnMetrics::probe_delayed(DelayCause cause) {
  (cause == DelayCause::descriptors ? instruments_->delayed_by_descriptors : instruments_->delayed_by_places).Increment();
}

void OwnMetrics::config_reloaded(bool successful, WallTime at) {
  instruments_->reload_successful.Set(successful ? 1 : 0);
  if (successful)
    instruments_->reload_time.Set(static_cast<double>(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count()));
}

void OwnMetrics::targets(std::size_t count) { instruments_->targets.Set(static_cast<double>(count)); }

void OwnMetrics::read_and_judged(std::uint64_t certificates_read, std::uint64_t chains_judged) {
  instruments_->certificates_read = certificates_read;
  instruments_->chains_judged = chains_judged;
}

void OwnMetrics::storage(StorageFigures figures) {
  const std::lock_guard lock(instruments_->of_storage);
  instruments_->storage = std::move(figures);
}

std::vector<prometheus::MetricFamily> OwnMetrics::collect() const {
  std::vector<prometheus::MetricFamily> collected = instruments_->registry.Collect();
  const auto count = [&](const char* name, std::uint64_t value) {
    collected.push_back(single(name, prometheus::MetricType::Counter, static_cast<double>(value)));
  };
  count("mtls_exporter_certificates_read_total", instruments_->certificates_read);
  count("mtls_exporter_chains_judged_total", instruments_->chains_judged);
  if (const std::lock_guard lock(instruments_->of_storage); instruments_->storage)
    collect_storage(*instruments_->storage, collected);
  collect_process(collected);
  for (prometheus::MetricFamily& family : collected)
    for (const Family& known : families())
      if (known.name == family.name) family.help = known.help;
  return collected;
}

SlotText OwnMetrics::text(Format format) const {
  const std::vector<prometheus::MetricFamily> collected = collect();
  Samples out(config::Detail::full);
  const std::span<const Family> table = families();
  for (std::size_t index = 0; index < table.size(); ++index) {
    if (!std::holds_alternative<FromRegistry>(table[index].samples)) continue;
    out.open(table[index], index);
    for (const prometheus::MetricFamily& family : collected)
      if (family.name == table[index].name) add(family, format, out);
  }
  return out.finish();
}

}  // namespace exporter::metrics
