#include "exporter/pulse.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace exporter {
namespace {

// A loop that turns when told to.
struct Loop {
  std::vector<std::function<void()>> tasks;
  auto post() {
    return [this](auto task) { tasks.emplace_back(task); };
  }
  void turn() {
    for (const auto& task : std::exchange(tasks, {})) task();
  }
};

TEST(Pulse, IsFeltWhileTheLoopTurns) {
  Loop loop;
  Pulse pulse;
  for (int times = 0; times < 3; ++times) {
    EXPECT_TRUE(pulse.felt(loop.post()));
    loop.turn();
  }
}

TEST(Pulse, IsNotFeltWhileTheLoopHangsAndLeavesOneTaskOnly) {
  Loop loop;
  Pulse pulse;
  EXPECT_TRUE(pulse.felt(loop.post()));
  for (int times = 0; times < 3; ++times) EXPECT_FALSE(pulse.felt(loop.post()));
  EXPECT_EQ(loop.tasks.size(), 1u);
  loop.turn();
  EXPECT_TRUE(pulse.felt(loop.post()));
}

}  // namespace
}  // namespace exporter
