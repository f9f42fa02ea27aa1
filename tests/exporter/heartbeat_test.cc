#include "exporter/heartbeat.h"

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

TEST(Heartbeat, IsFeltWhileTheLoopTurns) {
  Loop loop;
  Heartbeat heartbeat;
  for (int times = 0; times < 3; ++times) {
    EXPECT_TRUE(heartbeat.beats(loop.post()));
    loop.turn();
  }
}

TEST(Heartbeat, IsNotFeltWhileTheLoopHangsAndLeavesOneTaskOnly) {
  Loop loop;
  Heartbeat heartbeat;
  EXPECT_TRUE(heartbeat.beats(loop.post()));
  for (int times = 0; times < 3; ++times) EXPECT_FALSE(heartbeat.beats(loop.post()));
  EXPECT_EQ(loop.tasks.size(), 1u);
  loop.turn();
  EXPECT_TRUE(heartbeat.beats(loop.post()));
}

}  // namespace
}  // namespace exporter
