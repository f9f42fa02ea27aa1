#include "exporter/discovery/sweep_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace exporter::discovery {
namespace {

config::Network network(std::string_view text) { return std::get<config::Network>(config::parse_network(text)); }

std::vector<Endpoint> all(const config::Sweep& sweep, std::uint64_t seed) {
  const SweepOrder order(sweep, seed);
  std::vector<Endpoint> found;
  for (std::uint64_t place = 0; place < order.size(); ++place)
    if (const auto endpoint = order.at(place)) found.push_back(*endpoint);
  return found;
}

TEST(SweepOrder, EveryPairOfTheRangesComesOnce) {
  const config::Sweep sweep{
      .cidrs = {network("10.0.0.0/24"), network("10.9.0.0/30"), network("2001:db8::/126")}, .exclude = {}, .ports = {443, 8443}};
  const auto found = all(sweep, 1);
  const std::set<Endpoint> distinct(found.begin(), found.end());
  EXPECT_EQ(found.size(), (256u + 4 + 4) * 2);
  EXPECT_EQ(distinct.size(), found.size());
}

TEST(SweepOrder, NothingOutsideTheRangesOrExcludedComes) {
  const config::Sweep sweep{
      .cidrs = {network("10.0.0.0/25"), network("10.0.9.9")}, .exclude = {network("10.0.0.64/26")}, .ports = {443}};
  const auto found = all(sweep, 7);
  EXPECT_EQ(found.size(), 65u);
  for (const Endpoint& endpoint : found) {
    EXPECT_TRUE(contains(sweep.cidrs[0], endpoint.address) || contains(sweep.cidrs[1], endpoint.address));
    EXPECT_FALSE(contains(sweep.exclude[0], endpoint.address));
  }
}

TEST(SweepOrder, NeighboursAreNotKnockedAtInARow) {
  const config::Sweep sweep{.cidrs = {network("10.0.0.0/16")}, .exclude = {}, .ports = {443}};
  const auto found = all(sweep, 3);
  std::size_t neighbours = 0;
  for (std::size_t index = 1; index < found.size(); ++index)
    neighbours += std::equal(found[index].address.begin(), found[index].address.begin() + 15, found[index - 1].address.begin());
  EXPECT_LT(neighbours, found.size() / 50);  // of 65,536, chance makes one in 256
  EXPECT_NE(found, all(sweep, 4));
}

}  // namespace
}  // namespace exporter::discovery
