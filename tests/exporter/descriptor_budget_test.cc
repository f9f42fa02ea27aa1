#include "exporter/descriptor_budget.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/support/no_descriptors.h"

namespace exporter {
namespace {

DescriptorShares shares(std::size_t limit, const DescriptorNeeds& needs = {.cores = 2}) {
  const auto found = shares_of(limit, needs);
  const auto* shares = std::get_if<DescriptorShares>(&found);
  if (shares == nullptr) ADD_FAILURE() << limit << " are too few";
  return shares != nullptr ? *shares : DescriptorShares{};
}

std::size_t sum(const DescriptorShares& of, const DescriptorNeeds& needs) {
  return of.fixed + of.web + of.health + of.probes + of.on_demand + of.sweep * needs.sweeps;
}

TEST(DescriptorBudget, GivesEverybodyWhatTheyWantWhereThereAreEnough) {
  const DescriptorShares plenty = shares(65536);
  EXPECT_EQ(plenty.web, 1000u);
  EXPECT_EQ(plenty.probes, 8000u);
  EXPECT_EQ(plenty.on_demand, 256u);
  EXPECT_EQ(plenty.lanes, 2u);
  EXPECT_FALSE(plenty.lowered);
  EXPECT_EQ(shares(1u << 30).probes, 8000u);
}

TEST(DescriptorBudget, LeavesProbesAndScrapesTheirsUnderALowLimit) {
  const DescriptorShares few = shares(64);
  EXPECT_GE(few.web, 4u);
  EXPECT_GE(few.probes, 8u);
  EXPECT_GE(few.on_demand, 2u);
  EXPECT_LT(few.on_demand, few.web) << "/probe must leave room for a scrape";
  EXPECT_EQ(few.lanes, 1u);
  EXPECT_TRUE(few.lowered);
}

TEST(DescriptorBudget, NeverSharesOutMoreThanThereAre) {
  const DescriptorNeeds all[] = {{.cores = 1},
                                 {.cores = 64},
                                 {.cores = 2, .listen_addresses = 3, .health_server = true},
                                 {.cores = 8, .health_server = true, .searches = 7, .sweeps = 3}};
  for (const DescriptorNeeds& needs : all)
    for (std::size_t limit = 1; limit < 12000; ++limit) {
      const auto found = shares_of(limit, needs);
      if (const auto* of = std::get_if<DescriptorShares>(&found)) {
        ASSERT_LE(sum(*of, needs), limit);
      }
      if (limit > 500) limit += 97;
    }
}

TEST(DescriptorBudget, SaysHowManyWouldDo) {
  for (const std::size_t limit : {0u, 10u, 32u}) {
    const auto found = shares_of(limit, {.cores = 2});
    const auto* too_few = std::get_if<TooFewDescriptors>(&found);
    ASSERT_NE(too_few, nullptr) << limit;
    EXPECT_TRUE(std::holds_alternative<DescriptorShares>(shares_of(too_few->needed, {.cores = 2})));
    EXPECT_TRUE(std::holds_alternative<TooFewDescriptors>(shares_of(too_few->needed - 1, {.cores = 2})));
  }
  EXPECT_EQ(explanation(32, {.needed = 50}),
            "the limit of open files is 32, and this configuration needs at least 50: raise it (LimitNOFILE= of a systemd unit, "
            "`ulimit -n` of a shell)");
}

TEST(DescriptorBudget, SweepsShareTheirPart) {
  const DescriptorShares two = shares(1024, {.cores = 2, .searches = 2, .sweeps = 2});
  const DescriptorShares one = shares(1024, {.cores = 2, .searches = 1, .sweeps = 1});
  EXPECT_EQ(two.sweep * 2, one.sweep);
}

TEST(DescriptorBudget, TheSoftLimitIsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const tests::support::NoDescriptors low(20);
  EXPECT_EQ(open_file_limit(), 20u);
  raise_open_file_limit();
  rlimit raised{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &raised), 0);
  EXPECT_EQ(raised.rlim_cur, before.rlim_max);
  EXPECT_EQ(raised.rlim_max, before.rlim_max);
}

}  // namespace
}  // namespace exporter
