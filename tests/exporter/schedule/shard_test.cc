#include "exporter/schedule/shard.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace exporter {
namespace {

unsigned shard_of(const std::string& name, unsigned count) {
  for (unsigned index = 0; index < count; ++index)
    if (takes({index, count}, name)) return index;
  return count;
}

std::string name(int number) { return "target-" + std::to_string(number) + ".internal:8443"; }

TEST(Shard, EveryTargetBelongsToExactlyOne) {
  for (int i = 0; i < 2000; ++i) {
    int takers = 0;
    for (unsigned index = 0; index < 7; ++index) takers += takes({index, 7}, name(i));
    EXPECT_EQ(takers, 1) << name(i);
  }
}

// A perfectly uniform hash deviates by sqrt(mean); four times that is a fault.
TEST(Shard, SharesAreEven) {
  constexpr int names = 100'000;
  for (const unsigned count : {2u, 3u, 16u, 64u}) {
    std::vector<int> shares(count);
    for (int i = 0; i < names; ++i) ++shares[shard_of(name(i), count)];
    const double mean = double{names} / count;
    for (const int share : shares) EXPECT_NEAR(share, mean, 4 * std::sqrt(mean)) << count;
  }
}

TEST(Shard, OneMoreShardMovesOnlyItsOwnShare) {
  int moved = 0;
  constexpr int names = 20'000;
  for (int i = 0; i < names; ++i) {
    const unsigned before = shard_of(name(i), 8), after = shard_of(name(i), 9);
    if (before == after) continue;
    EXPECT_EQ(after, 8u);
    ++moved;
  }
  EXPECT_NEAR(moved, names / 9.0, 4 * std::sqrt(names / 9.0));
}

TEST(Shard, LeavesOutTheTargetsOfOthers) {
  config::Settings settings;
  for (int i = 0; i < 100; ++i)
    settings.targets.push_back(std::make_shared<const config::Target>(config::Target{.name = name(i)}));
  std::size_t kept = 0;
  for (unsigned index = 0; index < 3; ++index) kept += share_of({index, 3}, settings).targets.size();
  EXPECT_EQ(kept, 100u);
  EXPECT_EQ(share_of({0, 1}, settings).targets.size(), 100u);
}

}  // namespace
}  // namespace exporter
