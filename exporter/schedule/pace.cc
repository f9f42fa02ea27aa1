#include "exporter/schedule/pace.h"

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

std::size_t lanes_for(double probes_a_second) {
  constexpr double each = 500;  // a third to a half of a core
  return static_cast<std::size_t>(std::max(1.0, std::ceil(probes_a_second / each)));
}

std::chrono::nanoseconds beat_of(double probes_a_second, std::chrono::nanoseconds shortest) {
  // What begins together: enough to be worth waking up for, too few to look like an attack or to hold up each other.
  constexpr double together = 32;
  constexpr std::chrono::nanoseconds narrowest = std::chrono::milliseconds(10), widest = std::chrono::milliseconds(250);
  const double wanted = probes_a_second > 0 ? together / probes_a_second : 1;
  const std::chrono::duration<double> bounded =
      std::min<std::chrono::duration<double>>(std::chrono::duration<double>(wanted), widest);
  const auto beat = std::max(std::chrono::duration_cast<std::chrono::nanoseconds>(bounded), narrowest);
  return std::max<std::chrono::nanoseconds>(std::min(beat, shortest / 20), std::chrono::nanoseconds(1));
}

Moment on_beat(Moment moment, std::chrono::nanoseconds beat) {
  const auto since = moment.time_since_epoch();
  const auto beats = (since + beat - std::chrono::nanoseconds(1)) / beat;
  return Moment(std::chrono::duration_cast<Moment::duration>(beats * beat));
}

Pace::Pace(Moment start, double phase, std::chrono::nanoseconds round, std::chrono::nanoseconds interval)
    : first_(start + part(round, phase)), anchor_(start + part(interval, phase)), interval_(interval) {}

Moment Pace::after(Moment last, Moment now) const {
  const Moment earliest = std::max(now - std::chrono::duration_cast<Moment::duration>(interval_ / 10),
                                   last + std::chrono::duration_cast<Moment::duration>(interval_ / 2));
  if (earliest < anchor_) return std::max(anchor_, now);
  const auto intervals = (earliest - anchor_) / interval_ + 1;
  return std::max(anchor_ + std::chrono::duration_cast<Moment::duration>(intervals * interval_), now);
}

}  // namespace exporter
