// A scrape: every slot's text, family by family, with the values that depend on the clock written in. The texts are collected
// once under the estate's lock; everything else happens without one. Any thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "exporter/estate.h"
#include "exporter/metrics/format.h"
#include "exporter/metrics/own.h"
#include "exporter/metrics/slot_text.h"

namespace exporter::metrics {

using SlotTexts = std::vector<std::shared_ptr<const SlotText>>;

// The whole of /metrics as of `now`.
[[nodiscard]] std::string scrape(const Estate& estate, const OwnMetrics& own, Format format, WallTime now);

// What one probe on demand is answered with: `slot` and `blackbox` (rendered by blackbox_families()) as of `now`.
[[nodiscard]] std::string probe_scrape(SlotText slot, SlotText blackbox, Format format, WallTime now);

// The exposition of `texts`: HELP and TYPE once per family that has a sample, its samples together, in the order of the table.
[[nodiscard]] std::string exposition(const SlotTexts& texts, Format format, WallTime now);

}  // namespace exporter::metrics
