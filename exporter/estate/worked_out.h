// What a scrape says of the estate as a whole, worked out of all slots: who depends on each CA, how far rotations are, and
// which keys are shared.
// Working it out takes its time in a large estate; it is kept for twenty times as long as it took, so that scrapes spend a
// twentieth of a core on it at most. Any thread.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include "exporter/estate/estate.h"
#include "exporter/metrics/family.h"

namespace exporter {

class WorkedOut {
 public:
  [[nodiscard]] std::shared_ptr<const metrics::SlotText> text(const Estate& estate, const metrics::Scope& scope, WallTime now);

 private:
  static constexpr int kept_per_time_taken = 20;
  static constexpr std::chrono::milliseconds at_once{5};  // what takes less is worked out anew each time

  std::mutex mutex_;
  std::shared_ptr<const metrics::SlotText> text_;
  std::chrono::steady_clock::time_point kept_until_{};
};

}  // namespace exporter
