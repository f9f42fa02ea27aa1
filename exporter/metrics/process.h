// The process as /proc tells it. Linux only; what cannot be read is absent.
#pragma once

#include <optional>

namespace exporter::metrics {

struct Process {
  double cpu_seconds = 0;         // user and system
  double start_time_seconds = 0;  // since the epoch
  double virtual_bytes = 0;
  double resident_bytes = 0;
  std::optional<double> open_fds;
  std::optional<double> max_fds;  // +Inf: unlimited
};

// Any thread; absent where there is no /proc.
[[nodiscard]] std::optional<Process> read_process();

}  // namespace exporter::metrics
