// When an end wants attention, and how pressing it is: the one rule of the page, the API, the metrics' states and the alerts
// (deploy/prometheus/rules/certificates.yml has it in PromQL, and a test compares the numbers). By days and by share of the
// lifetime, whichever comes later, so that a certificate of a day warns six hours before its end. Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "probes/observations/certificate.h"
#include "probes/observations/wall_time.h"

namespace exporter {

// Days from `now` until `end`, negative once over, in hundredths, rounded towards the past.
[[nodiscard]] double days_left(std::chrono::sys_seconds end, probes::observations::WallTime now);

// As the severity of the alert: a warning, then a page. What is over is critical.
enum class ExpirySeverity : std::uint8_t { none, warning, critical };
[[nodiscard]] std::string_view word(ExpirySeverity severity);  // "", "warning", "critical"

// Below so many days and below this share of the lifetime.
struct Soon {
  double days;
  double share;
};
inline constexpr Soon leaf_warning{30, 0.25}, leaf_critical{7, 0.1};
inline constexpr Soon authority_warning{365, 0.25},
    authority_critical{90, 0.1};  // its successor must be trusted everywhere first

// Of a leaf, as ends_soon() below; where its target asks for days of its own, critical is a third of them.
[[nodiscard]] ExpirySeverity expiry_severity(const probes::observations::Certificate& leaf, std::chrono::sys_seconds end,
                                             probes::observations::WallTime now, std::optional<int> threshold_days);

// Of a CA that something depends on; of a leaf without a target of its own. None where the end cannot be read.
[[nodiscard]] ExpirySeverity expiry_severity(const probes::observations::Certificate& certificate,
                                             probes::observations::WallTime now);

// `end`: the leaf's, or that of its chain where it comes first. Under the days its target asks for; without those, under 30 days
// and a quarter of its lifetime, which is when MtlsCertificateExpiring begins.
[[nodiscard]] bool ends_soon(const probes::observations::Certificate& leaf, std::chrono::sys_seconds end,
                             probes::observations::WallTime now, std::optional<int> threshold_days);

}  // namespace exporter
