#include "exporter/schedule/pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace exporter {
namespace {

using namespace std::chrono_literals;

const Moment start{};

TEST(Pace, SpreadsAnEstateEvenlyOverTheInterval) {
  std::vector<double> phases;
  for (std::uint64_t i = 0; i < 1000; ++i) phases.push_back(phase_of(i));
  std::sort(phases.begin(), phases.end());
  EXPECT_GE(phases.front(), 0.0);
  EXPECT_LT(phases.back(), 1.0);
  for (std::size_t i = 1; i < phases.size(); ++i) EXPECT_LT(phases[i] - phases[i - 1], 3.0 / 1000) << i;
}

TEST(Pace, BeginsASmallEstateWithinASecondAndALargeOneWithinItsInterval) {
  EXPECT_EQ(first_round(7, 60s), 1s);
  EXPECT_EQ(first_round(1000, 60s), 5s);
  EXPECT_EQ(first_round(100'000, 300s), 300s);
  EXPECT_EQ(first_round(1, 500ms), 500ms);
}

TEST(Lanes, AreFewUntilThereIsMuchToDo) {
  EXPECT_EQ(lanes_for(0), 1u);
  EXPECT_EQ(lanes_for(500), 1u);
  EXPECT_EQ(lanes_for(501), 2u);
  EXPECT_EQ(lanes_for(100'000), 200u);
}

TEST(Beat, ComesWhenThirtyTwoProbesAreWorthWakingUpFor) {
  EXPECT_EQ(beat_of(320, 60s), 100ms);
  EXPECT_EQ(beat_of(1, 60s), 250ms);  // whoever waits for the first probe sees no difference
  EXPECT_EQ(beat_of(100'000, 60s), 10ms);
  EXPECT_EQ(beat_of(1, 1s), 50ms);  // a short interval is not blurred
  EXPECT_GT(beat_of(0, 1ns), 0ns);
}

TEST(Beat, IsTheFirstThatIsNotBefore) {
  EXPECT_EQ(on_beat(start + 100ms, 50ms), start + 100ms);
  EXPECT_EQ(on_beat(start + 100ms + 1ns, 50ms), start + 150ms);
  EXPECT_EQ(on_beat(start + 149ms, 50ms), start + 150ms);
}

TEST(Pace, KeepsItsPlaceWhenAProbeRanLate) {
  const Pace pace(start, 0.5, 1s, 10s);
  EXPECT_EQ(pace.first(), start + 500ms);
  EXPECT_EQ(pace.after(start + 500ms, start + 600ms), start + 15s);  // the anchor at 5 s is less than half an interval away
  EXPECT_EQ(pace.after(start + 15s, start + 17s), start + 25s);
  EXPECT_EQ(pace.after(start + 25s, start + 25s + 9s), start + 35s);
}

TEST(Pace, AProbeThatTookItsWholeTimeoutCostsNoOther) {
  const Pace pace(start, 0.0, 1s, 10s);
  EXPECT_EQ(pace.after(start + 10s, start + 20s + 30ms), start + 20s + 30ms);
  EXPECT_EQ(pace.after(start + 20s + 30ms, start + 21s), start + 30s);
  EXPECT_EQ(pace.after(start + 10s, start + 21s + 1ms), start + 30s);
}

TEST(Pace, LeavesOutWhatItMissed) {
  const Pace pace(start, 0.0, 1s, 10s);
  EXPECT_EQ(pace.after(start, start + 31s), start + 40s);
}

TEST(Pace, NeverProbesTwiceWithinHalfAnInterval) {
  for (double phase = 0; phase < 1; phase += 0.05) {
    const Pace pace(start, phase, 1s, 10s);
    const Moment second = pace.after(pace.first(), pace.first() + 10ms);
    EXPECT_GE(second - pace.first(), 5s) << phase;
    EXPECT_LE(second - pace.first(), 15s) << phase;
  }
}

}  // namespace
}  // namespace exporter
