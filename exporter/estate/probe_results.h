// Probes of the whole estate by result, counted from 0 for every pair of stage and reason there is: a counter born at 1 hides its
// first event from increase(). Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "exporter/metrics/rows.h"

namespace exporter {

class ProbeResults {
 public:
  // `failure` of a finished probe; null if it did not fail. Borrowed.
  void count(const probes::observations::Failure* failure);

  // One row per pair, and one with stage and reason "none" for probes that did not fail.
  [[nodiscard]] metrics::Rows rows() const;

 private:
  using Counter = std::atomic<std::uint64_t>;
  Counter without_failure_{0};
  std::vector<Counter> by_pair_ = std::vector<Counter>(probes::observations::all_reasons().size());
};

}  // namespace exporter
