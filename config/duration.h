// Durations as Prometheus writes them: 500ms, 30s, 1h30m, 14d, 1w, 1y. A day is 24 hours, a week 7 days, a year 365 days.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace config {

inline constexpr std::chrono::milliseconds longest_duration =
    std::chrono::hours(24 * 365 * 100);  // nanosecond clocks end at 292 years

// The duration, or what is wrong with `text` and what would be right ("`5` has no unit; write 5s"). Units go from large to
// small, each at most once; "0" needs none. Between 0 and longest_duration.
[[nodiscard]] std::variant<std::chrono::milliseconds, std::string> parse_duration(std::string_view text);

// The shortest such notation: "1h30m", "0s" for zero. Negative durations begin with "-".
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

}  // namespace config
