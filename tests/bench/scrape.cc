// scrape [TARGETS] [lean|standard|full]: what an estate costs in memory and how fast it is scraped, beside prometheus-cpp's
// serializer on the same series. Prints one line of JSON; no test.
#include <malloc.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "exporter/metrics/scrape.h"
#include "exporter/web/gzip.h"
#include "tests/support/an_estate.h"

namespace {

using namespace tests::support;
// CPU time of this thread: others may be using the machine.
double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

config::Detail detail(const std::string& word) {
  if (word == "standard") return config::Detail::standard;
  return word == "full" ? config::Detail::full : config::Detail::lean;
}

// The same series as prometheus-cpp holds them. Reads our own text: names, labels without escapes, values.
std::shared_ptr<prometheus::Registry> registry_of(std::string_view text) {
  auto registry = std::make_shared<prometheus::Registry>();
  prometheus::Family<prometheus::Gauge>* family = nullptr;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    if (line.starts_with("# TYPE "))
      family =
          &prometheus::BuildGauge().Name(std::string(line.substr(7, line.find(' ', 7) - 7))).Help("help").Register(*registry);
    if (line.starts_with("#") || family == nullptr) continue;
    prometheus::Labels labels;
    std::size_t at = line.find('{');
    while (at != std::string_view::npos && line[at] != '}') {
      const std::size_t equals = line.find('=', at), end = line.find('"', equals + 2);
      labels.emplace(line.substr(at + 1, equals - at - 1), line.substr(equals + 2, end - equals - 2));
      at = end + 1;
    }
    family->Add(labels).Set(std::atof(std::string(line.substr(line.rfind(' ') + 1)).c_str()));
  }
  return registry;
}

struct Serialized {
  double seconds = 0;               // its text serializer alone
  double seconds_with_collect = 0;  // a scrape: its registry collects, then the serializer writes
};

Serialized by_prometheus_cpp(const std::string& text) {
  const auto registry = registry_of(text);
  const double start = now();
  const std::vector<prometheus::MetricFamily> families = registry->Collect();
  const double collected = now();
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  const double end = now();
  return {.seconds = end - collected, .seconds_with_collect = end - start};
}

// Bytes of all pieces, each let go of for the next, as a scrape is sent.
template <typename Next>
std::size_t drained(Next next) {
  std::size_t bytes = 0;
  for (std::string_view piece = next(); !piece.empty(); piece = next()) bytes += piece.size();
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t targets = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100000;
  const auto level = detail(argc > 2 ? argv[2] : "lean");
  const auto memory_before = mallinfo2().uordblks;
  const auto module = a_module({.expect = config::ClientAuthExpectation::required});
  exporter::Estate estate;
  {
    config::Settings settings = settings_of({}, level);
    for (std::size_t number = 0; number < targets; ++number)
      settings.targets.push_back(a_target("service-" + std::to_string(number) + ".internal", module,
                                          {{"owner", "team-" + std::to_string(number % 50)}}));
    estate.adopt(settings);
  }
  // Fifty certificates serve the whole estate, as probes remember them by fingerprint.
  std::vector<probes::observations::Handshake> seen;
  for (int number = 0; number < 50; ++number) seen.push_back(a_good_probe());
  double start = now();
  std::size_t recorded = 0;
  for (int round = 0; round < 17; ++round)  // until the histories are full
    for (const auto& watch : estate.watches()) {
      const exporter::WatchKey key{watch->target->name, watch->identity};
      estate.record(key, seen[recorded++ % seen.size()]);
      if (round > 0) continue;
      for (const char* knock : {"anonymous", "rogue"})
        estate.record_knock(key, knock, {probes::observations::KnockAnswer::refused}, today);
    }
  const double record_us = (now() - start) / static_cast<double>(recorded) * 1e6;
  const double bytes_per_target = static_cast<double>(mallinfo2().uordblks - memory_before) / static_cast<double>(targets);
  start = now();
  const auto exposition = [&] {
    return exporter::metrics::Exposition(estate.texts(today), exporter::metrics::families(), exporter::metrics::Format::text,
                                         today + std::chrono::seconds(12345));
  };
  const std::size_t bytes = drained([scrape = exposition()]() mutable { return scrape.next(); });
  const double elapsed = now() - start;
  start = now();
  const std::size_t zipped = drained(exporter::web::gzipped(
      [scrape = std::make_shared<exporter::metrics::Exposition>(exposition())] { return scrape->next(); }));
  const double zipping = now() - start;
  const std::string text = exporter::metrics::text_of(exposition());
  std::size_t series = 0;
  for (std::size_t at = 0; at != std::string::npos && at < text.size(); at = text.find('\n', at), at += at != std::string::npos)
    series += text[at] != '#';
  const Serialized theirs = by_prometheus_cpp(text);
  std::printf(
      "{\"targets\": %zu, \"series\": %zu, \"megabytes\": %.1f, \"cpu_seconds\": %.6f, \"series_per_second\": %.0f, "
      "\"zipped_megabytes\": %.1f, \"zipped_cpu_seconds\": %.3f, "
      "\"bytes_per_target\": %.0f, \"record_microseconds\": %.1f, \"prometheus_cpp_seconds\": %.3f, "
      "\"prometheus_cpp_scrape_seconds\": %.3f}\n",
      targets, series, static_cast<double>(bytes) / 1e6, elapsed, static_cast<double>(series) / elapsed,
      static_cast<double>(zipped) / 1e6, zipping, bytes_per_target, record_us, theirs.seconds, theirs.seconds_with_collect);
}
