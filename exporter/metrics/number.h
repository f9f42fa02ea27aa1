// Numbers as both text formats write them. Pure; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

namespace exporter::metrics {

// Bytes that the longest number needs.
inline constexpr std::size_t number_limit = 32;

// `value`: whole numbers below 2^53 without a fraction or exponent (timestamps stay readable), everything else as the shortest
// text that reads back as the same double; "NaN", "+Inf", "-Inf". Answers the length.
std::size_t write_number(std::span<char, number_limit> out, double value);
void append_number(std::string& out, double value);

// `time` in days with as many decimals as it needs, at most six: they tell every second from the next. Answers the length.
std::size_t write_days(std::span<char, number_limit> out, std::chrono::seconds time);

}  // namespace exporter::metrics
