#include "exporter/pace.h"

#include <algorithm>
#include <cmath>

namespace exporter {

namespace {

Moment::duration part(std::chrono::nanoseconds whole, double fraction) {
  return std::chrono::duration_cast<Moment::duration>(
      std::chrono::duration<double, std::nano>(static_cast<double>(whole.count()) * fraction));
}

}  // namespace

double phase_of(std::uint64_t number) {
  // Multiples of the golden ratio, modulo one, are the most evenly spread sequence there is.
  constexpr double golden = 0.6180339887498949;
  const double place = static_cast<double>(number) * golden;
  return place - std::floor(place);
}

std::chrono::nanoseconds first_round(std::size_t watches, std::chrono::nanoseconds interval) {
  const std::chrono::nanoseconds patience = std::chrono::milliseconds(5) * static_cast<std::int64_t>(watches);
  return std::min(interval, std::max<std::chrono::nanoseconds>(patience, std::chrono::seconds(1)));
}

Pace::Pace(Moment start, double phase, std::chrono::nanoseconds round, std::chrono::nanoseconds interval)
    : first_(start + part(round, phase)), anchor_(start + part(interval, phase)), interval_(interval) {}

Moment Pace::after(Moment last, Moment now) const {
  const Moment earliest = std::max(now, last + std::chrono::duration_cast<Moment::duration>(interval_ / 2));
  if (earliest < anchor_) return anchor_;
  const auto intervals = (earliest - anchor_) / interval_ + 1;
  return anchor_ + std::chrono::duration_cast<Moment::duration>(intervals * interval_);
}

}  // namespace exporter
