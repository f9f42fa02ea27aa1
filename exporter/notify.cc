#include "exporter/notify.h"

#include <systemd/sd-daemon.h>

#include <algorithm>

namespace exporter::notify {

namespace {

constexpr int keep_environment = 0;

void tell(const std::string& state) { sd_notify(keep_environment, state.c_str()); }

}  // namespace

void ready(const std::string& status) {
  std::string line = status;
  std::replace(line.begin(), line.end(), '\n', ' ');  // a line of its own would be another assignment
  tell("READY=1\nSTATUS=" + line);
}

// systemd 253 wants the time of a reload's beginning; 252 ignores it.
void reloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch());
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

void stopping() { tell("STOPPING=1"); }

void alive() { tell("WATCHDOG=1"); }

std::optional<std::chrono::microseconds> watchdog() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(keep_environment, &microseconds) <= 0) return {};
  return std::chrono::microseconds(microseconds);
}

}  // namespace exporter::notify
