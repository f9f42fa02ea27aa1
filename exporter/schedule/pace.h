// When the next probe is due. Probes of an estate are spread over their interval from the first second, and keep their place
// in it: a probe that ran late does not push the ones after it. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace exporter {

using Moment = std::chrono::steady_clock::time_point;

// A place in the interval, 0 <= phase < 1. Successive numbers fall far from each other and, all together, evenly.
[[nodiscard]] double phase_of(std::uint64_t number);

// How long the first round takes: the interval, or less in a small estate, whose operator is waiting (5 ms a watch, at least 1
// s).
[[nodiscard]] std::chrono::nanoseconds first_round(std::size_t watches, std::chrono::nanoseconds interval);

// How many lanes so many probes a second want. Few: a core that probes now and then finds its caches cold.
[[nodiscard]] std::size_t lanes_for(double probes_a_second);

// How far apart a lane's beats lie. Probes begin on a beat, several together: a core that wakes up for each alone finds its
// caches cold each time and takes half as long again. `probes_a_second`: of the lane; `shortest`: the shortest interval in it,
// which no beat may blur.
[[nodiscard]] std::chrono::nanoseconds beat_of(double probes_a_second, std::chrono::nanoseconds shortest);

// The first beat at or after `moment`. Beats lie at multiples of `beat` (more than nothing) for every lane and socket alike.
[[nodiscard]] Moment on_beat(Moment moment, std::chrono::nanoseconds beat);

class Pace {
 public:
  Pace() = default;
  Pace(Moment start, double phase, std::chrono::nanoseconds first_round, std::chrono::nanoseconds interval);

  Moment first() const { return first_; }

  // The next moment of the pace that lies at least half an interval after `last`. One that has just passed, by up to a tenth of
  // the interval, still counts and is `now`: a probe that took its whole timeout is not a reason to leave the next one out, nor
  // is that time a lag of ours.
  [[nodiscard]] Moment after(Moment last, Moment now) const;

 private:
  Moment first_{};
  Moment anchor_{};
  std::chrono::nanoseconds interval_ = std::chrono::seconds(60);
};

}  // namespace exporter
