#include "exporter/estate/ends_soon.h"

#include <cmath>

namespace exporter {

using probes::observations::Certificate;
using probes::observations::WallTime;

double days_left(std::chrono::sys_seconds end, WallTime now) {
  return std::floor(std::chrono::duration<double, std::ratio<86400>>(end - now).count() * 100) / 100;
}

std::string_view word(ExpirySeverity severity) {
  switch (severity) {
    case ExpirySeverity::none: return "";
    case ExpirySeverity::warning: return "warning";
    case ExpirySeverity::critical: return "critical";
  }
  return "";
}

namespace {

// A lifetime that is not known says nothing against the days.
bool is_within(const Soon& soon, double days, const std::optional<double>& lifetime) {
  return days < soon.days && (!lifetime || days < *lifetime * soon.share);
}

ExpirySeverity by_lifetime(const Certificate& certificate, double days, const Soon& warning, const Soon& critical) {
  std::optional<double> lifetime;
  if (certificate.not_after() && certificate.not_before())
    lifetime = days_left(*certificate.not_after(), *certificate.not_before());
  if (days <= 0 || is_within(critical, days, lifetime)) return ExpirySeverity::critical;
  return is_within(warning, days, lifetime) ? ExpirySeverity::warning : ExpirySeverity::none;
}

}  // namespace

ExpirySeverity expiry_severity(const Certificate& leaf, std::chrono::sys_seconds end, WallTime now,
                               std::optional<int> threshold_days) {
  const double days = days_left(end, now);
  if (!threshold_days) return by_lifetime(leaf, days, leaf_warning, leaf_critical);
  if (days <= 0 || days < *threshold_days / 3.0) return ExpirySeverity::critical;
  return days < *threshold_days ? ExpirySeverity::warning : ExpirySeverity::none;
}

ExpirySeverity expiry_severity(const Certificate& certificate, WallTime now) {
  const auto end = certificate.not_after();
  if (!end) return ExpirySeverity::none;
  if (!certificate.authority()) return expiry_severity(certificate, *end, now, std::nullopt);
  return by_lifetime(certificate, days_left(*end, now), authority_warning, authority_critical);
}

bool ends_soon(const Certificate& leaf, std::chrono::sys_seconds end, WallTime now, std::optional<int> threshold_days) {
  return expiry_severity(leaf, end, now, threshold_days) != ExpirySeverity::none;
}

}  // namespace exporter
