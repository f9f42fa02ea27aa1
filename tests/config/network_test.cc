#include "config/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace config {
namespace {

using testing::HasSubstr;
using testing::VariantWith;

Network network(std::string_view text) {
  const auto parsed = parse_network(text);
  EXPECT_TRUE(std::holds_alternative<Network>(parsed)) << text;
  return std::holds_alternative<Network>(parsed) ? std::get<Network>(parsed) : Network{};
}

// The bytes of one address.
AddressBytes address(std::string_view text) { return network(text).first; }

TEST(Network, HoldsItsAddressesAndNoOthers) {
  const struct {
    std::string_view network, inside, outside;
  } cases[] = {
      {"10.0.0.0/8", "10.255.0.1", "11.0.0.0"},
      {"10.1.0.0/16", "10.1.255.255", "10.2.0.0"},
      {"192.0.2.4/30", "192.0.2.7", "192.0.2.8"},
      {"192.0.2.4", "192.0.2.4", "192.0.2.5"},
      {"0.0.0.0/0", "255.255.255.255", "::1"},
      {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
      {"::1", "::1", "::2"},
      {"::/0", "2001:db8::1", "192.0.2.1"},
      {"::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.0"},
  };
  for (const auto& [text, inside, outside] : cases) {
    EXPECT_TRUE(contains(network(text), address(inside))) << text;
    EXPECT_FALSE(contains(network(text), address(outside))) << text;
  }
}

TEST(Network, LiesInAWiderOne) {
  EXPECT_TRUE(contains(network("127.0.0.0/8"), network("127.0.0.0/30")));
  EXPECT_TRUE(contains(network("127.0.0.0/8"), network("127.0.0.0/8")));
  EXPECT_FALSE(contains(network("127.0.0.0/8"), network("0.0.0.0/0")));
  EXPECT_FALSE(contains(network("127.0.0.0/8"), network("10.0.0.0/30")));
}

TEST(Network, BothNotationsOfAnIpv4AddressAreOne) { EXPECT_EQ(address("::ffff:192.0.2.1"), address("192.0.2.1")); }

TEST(Network, SaysWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    std::string_view text, wrong;
  } cases[] = {
      {"", "is no network; write one like 10.0.0.0/8"},
      {"internal", "is no network"},
      {"10.0.0/8", "is no network"},
      {"010.0.0.0/8", "is no network"},
      {"10.0.0.0/33", "write /0 to /32"},
      {"::/129", "write /0 to /128"},
      {"10.0.0.0/", "has no prefix length"},
      {"10.0.0.0/-1", "has no prefix length"},
      {"10.0.0.0/8x", "has no prefix length"},
      {"10.0.0.1/8", "has bits beyond its prefix"},
      {"2001:db8::1/64", "has bits beyond its prefix"},
  };
  for (const auto& [text, wrong] : cases) EXPECT_THAT(parse_network(text), VariantWith<std::string>(HasSubstr(wrong))) << text;
}

}  // namespace
}  // namespace config
