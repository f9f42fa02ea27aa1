// The exporter's own metrics: a handful of instruments in a prometheus-cpp registry, and the process's figures from /proc. Every
// method may be called from any thread and costs an atomic operation or a short lock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/estate/estate.h"
#include "exporter/metrics/format.h"
#include "exporter/metrics/slot_text.h"
#include "exporter/version.h"

namespace prometheus {
struct MetricFamily;
}

namespace exporter::metrics {

// Why a probe begins later than planned: no file descriptor to be had, or as many under way as may be.
enum class DelayCause : std::uint8_t { descriptors, places };

struct StorageFigures {
  bool up = false;  // the last attempt to read or write it succeeded
  std::uint64_t bytes = 0;
  std::vector<std::pair<std::string, std::uint64_t>> rows;  // by table
  std::optional<WallTime> written;                          // absent: nothing was, since the start
};

class OwnMetrics {
 public:
  explicit OwnMetrics(const Build& build);
  ~OwnMetrics();
  OwnMetrics(const OwnMetrics&) = delete;
  OwnMetrics& operator=(const OwnMetrics&) = delete;

  void probe_started();
  void probe_finished();
  void observe_lag(std::chrono::nanoseconds lag);        // how much later than planned a probe began; never negative
  void observe_lane_step(std::chrono::nanoseconds cpu);  // of its thread's, for one piece of work that nothing interrupted
  void probe_delayed(DelayCause cause);
  void config_reloaded(bool successful, WallTime at);  // the first load included
  void targets(std::size_t count);

  // The file that outlives a restart, as of now; there is one from the first call on.
  void storage(StorageFigures figures);

  // What the memory by fingerprint could not answer, since the start: both only grow.
  void read_and_judged(std::uint64_t certificates_read, std::uint64_t chains_judged);

  // The registry and /proc as of now, each family with its help. Any thread; reads a few small files of /proc.
  [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const;

  // The same, rendered.
  [[nodiscard]] SlotText text(Format format) const;

 private:
  struct Instruments;
  std::unique_ptr<Instruments> instruments_;
};

}  // namespace exporter::metrics
