// When a certificate ends soon: the one rule of the page, the API and the alerts (deploy/prometheus/rules/certificates.yml).
// Pure; any thread.
#pragma once

#include <chrono>
#include <optional>

#include "probes/observations/certificate.h"
#include "probes/observations/wall_time.h"

namespace exporter {

// Days from `now` until `end`, negative once over, in hundredths, rounded towards the past.
[[nodiscard]] double days_left(std::chrono::sys_seconds end, probes::observations::WallTime now);

// `end`: the leaf's, or that of its chain where it comes first. Under the days its target asks for; without those, under 30 days
// and a quarter of its lifetime, which is when MtlsCertificateExpiring begins.
[[nodiscard]] bool ends_soon(const probes::observations::Certificate& leaf, std::chrono::sys_seconds end,
                             probes::observations::WallTime now, std::optional<int> threshold_days);

}  // namespace exporter
