// How much of their lifetime the certificates of a place had left when they were replaced, and from when on one is late by that
// habit. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "exporter/storage/rows.h"

namespace exporter::renewals {

inline constexpr std::size_t replacements_needed = 3;
inline constexpr std::size_t replacements_considered = 8;  // the latest: habits change
inline constexpr double tolerance = 0.25;                  // of a lifetime, past the habit

// The part of the lifetime that was left, as the middle one of the latest replacements has it; nothing where too few are known,
// or where several certificates take turns in the place: then none replaces another.
[[nodiscard]] std::optional<double> habit(const std::vector<storage::SightingRow>& sightings,
                                          const std::vector<storage::ReplacementRow>& replacements);

// From when on a certificate of these dates is late. REQUIRES: not_before < not_after.
[[nodiscard]] std::chrono::sys_seconds late_from(std::chrono::sys_seconds not_before, std::chrono::sys_seconds not_after,
                                                 double habit);

}  // namespace exporter::renewals
