// What /metrics and /probe answer with. The texts are collected once under the estate's lock; everything else happens without
// one. Any thread.
#pragma once

#include <string>

#include "exporter/estate/estate.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/own.h"

namespace exporter::metrics {

// The whole of /metrics as of `now`; `more`: texts that others than the estate have.
[[nodiscard]] Exposition scrape(const Estate& estate, const OwnMetrics& own, Format format, WallTime now, SlotTexts more = {});

// What one probe on demand is answered with: `slot` and `blackbox` (rendered with blackbox_families()) as of `now`.
[[nodiscard]] std::string probe_scrape(SlotText slot, SlotText blackbox, Format format, WallTime now);

}  // namespace exporter::metrics
