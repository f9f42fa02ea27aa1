#include "config/closed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <asio/ip/address.hpp>

namespace config {
namespace {

AddressBytes address(std::string_view text) {
  const auto parsed = asio::ip::make_address(std::string(text));
  const auto bytes =
      (parsed.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, parsed.to_v4()) : parsed.to_v6()).to_bytes();
  AddressBytes copied{};
  std::ranges::copy(bytes, copied.begin());
  return copied;
}

// Each with an address beside it that is not closed.
TEST(Closed, LinkLocalAndMetadataAndWhatIsNoServer) {
  const struct {
    std::string_view closed, why, open;
  } cases[] = {
      {"0.0.0.0", "unspecified", "1.0.0.0"},
      {"0.1.2.3", "unspecified", "1.1.2.3"},
      {"169.254.169.254", "link-local", "169.253.169.254"},
      {"169.254.170.2", "link-local", "169.255.0.1"},
      {"224.0.0.1", "multicast", "223.255.255.255"},
      {"239.255.255.250", "multicast", "10.0.0.1"},
      {"240.0.0.1", "reserved or broadcast", "172.16.0.1"},
      {"255.255.255.255", "reserved or broadcast", "192.168.1.1"},
      {"100.100.100.200", "a metadata service", "100.100.100.201"},
      {"168.63.129.16", "a metadata service", "168.63.129.17"},
      {"192.0.0.192", "a metadata service", "192.0.1.192"},
      {"::", "unspecified", "2001:db8::"},
      {"fe80::1", "link-local", "2001:db8::1"},
      {"febf::1", "link-local", "fd00::1"},
      {"fe80::1%eth0", "link-local", "fd00::2"},
      {"fec0::1", "site-local", "fd00::3"},
      {"ff02::1", "multicast", "fd00::4"},
      {"fd00:ec2::254", "a metadata service", "fd00:ec3::254"},
      {"fd20:ce::254", "a metadata service", "fd20:ce::255"},
      {"fd00:c1::a9fe:a9fe", "a metadata service", "fd00:c1::a9fe:a9ff"},
      {"::ffff:169.254.169.254", "link-local", "::ffff:10.0.0.1"},
      {"::ffff:a9fe:a9fe", "link-local", "::ffff:a00:1"},
      {"::169.254.169.254", "link-local", "::10.0.0.1"},
      {"::127.0.0.1", "loopback in another notation", "::10.0.0.2"},
      {"::ffff:0:127.0.0.1", "loopback in another notation", "::ffff:0:10.0.0.1"},
      {"::ffff:0:169.254.1.1", "link-local", "::ffff:0:10.0.0.2"},
      {"64:ff9b::127.0.0.1", "loopback in another notation", "64:ff9b::10.0.0.1"},
      {"64:ff9b::a9fe:a9fe", "link-local", "64:ff9b::a00:2"},
      {"64:ff9b:1::1", "of a local translation prefix", "64:ff9c::1"},
      {"2002:7f00:1::", "loopback in another notation", "2002:a00:1::"},
      {"2002:a9fe:a9fe::1", "link-local", "2002:a00:2::1"},
      {"2001:0:7f00:1::1", "loopback in another notation", "2001:0:a00:1::f5ff:fffe"},
      {"2001:0:a00:1::80ff:fffe", "loopback in another notation", "2001:1::80ff:fffe"},
      {"2001:0:a00:1::5601:5601", "link-local", "2001:0:a00:1::f5ff:fffd"},
      {"fd00::5efe:127.0.0.1", "loopback in another notation", "fd00::5efe:10.0.0.1"},
      {"fd00::200:5efe:169.254.169.254", "link-local", "fd00::200:5efe:10.0.0.1"},
  };
  for (const auto& [closed_one, why, open_one] : cases) {
    EXPECT_EQ(closed(address(closed_one)), why) << closed_one;
    EXPECT_EQ(closed(address(open_one)), "") << open_one;
  }
}

TEST(Closed, LoopbackIsNotClosedByItself) {
  for (const std::string_view loopback : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(closed(address(loopback)), "") << loopback;
    EXPECT_TRUE(is_loopback(address(loopback))) << loopback;
  }
  EXPECT_FALSE(is_loopback(address("128.0.0.1")));
}

}  // namespace
}  // namespace config
