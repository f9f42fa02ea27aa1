#include "exporter/estate/ends_soon.h"

#include <cmath>

namespace exporter {

using probes::observations::Certificate;
using probes::observations::WallTime;

double days_left(std::chrono::sys_seconds end, WallTime now) {
  return std::floor(std::chrono::duration<double, std::ratio<86400>>(end - now).count() * 100) / 100;
}

bool ends_soon(const Certificate& leaf, std::chrono::sys_seconds end, WallTime now, std::optional<int> threshold_days) {
  const double days = days_left(end, now);
  if (threshold_days) return days < *threshold_days;
  if (!leaf.not_after() || !leaf.not_before()) return days < 30;  // a lifetime that is not known
  return days < 30 && days < days_left(*leaf.not_after(), *leaf.not_before()) / 4;
}

}  // namespace exporter
