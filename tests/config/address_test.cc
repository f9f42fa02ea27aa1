#include "config/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace config {
namespace {

using testing::HasSubstr;
using testing::VariantWith;

TEST(Address, ReadsNamesAndLiterals) {
  const struct {
    std::string_view text;
    Address address;
  } cases[] = {
      {"payments.internal:8443", {"payments.internal", 8443}},
      {"127.0.0.1:1", {"127.0.0.1", 1}},
      {"[::1]:65535", {"::1", 65535}},
      {"[fe80::1%eth0]:443", {"fe80::1%eth0", 443}},
      {"localhost:443", {"localhost", 443}},
      {"_x.a-b.example.:443", {"_x.a-b.example.", 443}},
      {"10-0-0-1.pods:443", {"10-0-0-1.pods", 443}},
      {"1e100.0xyz:443", {"1e100.0xyz", 443}},
  };
  for (const auto& [text, address] : cases) {
    EXPECT_THAT(parse_address(text), VariantWith<Address>(address)) << text;
    EXPECT_EQ(address_text(address), text);
  }
}

TEST(Address, SaysWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    std::string_view text, wrong;
  } cases[] = {
      {"", "empty; write host:port"},
      {"payments.internal", "has no port; write host:port, like payments.internal:443"},
      {"[::1]", "has no port; write host:port, like [::1]:443"},
      {"2001:db8::1", "without a port; write it as [2001:db8::1]:443"},
      {"https://a.example:443", "is a URL; write host:port"},
      {"a.example:https", "`https` is no port"},
      {"a.example:0", "`0` is no port"},
      {"a.example:65536", "`65536` is no port"},
      {"a.example:-1", "`-1` is no port"},
      {"a.example:", "`` is no port"},
      {":443", "neither a host name nor an IP address"},
      {"::1:443", "needs brackets that tell the IPv6 address from the port; write [::1]:443"},
      {"2001:db8::1:8443", "write [2001:db8::1]:8443"},
      {"10.0.0.256:443", "neither a host name nor an IP address"},
      {"127.1:443", "neither a host name nor an IP address"},
      {"0177.0.0.1:443", "neither a host name nor an IP address"},
      {"0x7f.1:443", "neither a host name nor an IP address"},
      {"0X7F000001:443", "neither a host name nor an IP address"},
      {"127.0.0.0x1:443", "neither a host name nor an IP address"},
      {"2130706433:443", "neither a host name nor an IP address"},
      {"127.0.0.1.:443", "neither a host name nor an IP address"},
      {"a.1:443", "neither a host name nor an IP address"},
      {"[10.0.0.1]:443", "neither a host name nor an IP address"},
      {"a b:443", "neither a host name nor an IP address"},
      {"a..b:443", "neither a host name nor an IP address"},
      {"b\xc3\xbc"
       "cher.example:443",
       "xn--"},
  };
  for (const auto& [text, wrong] : cases) EXPECT_THAT(parse_address(text), VariantWith<std::string>(HasSubstr(wrong))) << text;
}

TEST(Address, HostsHaveTheLengthsOfTheDns) {
  EXPECT_TRUE(is_host(std::string(63, 'a') + ".example"));
  EXPECT_FALSE(is_host(std::string(64, 'a') + ".example"));
  std::string name;
  for (int i = 0; i < 126; ++i) name += "a.";
  EXPECT_TRUE(is_host(name + "a"));    // 253
  EXPECT_FALSE(is_host(name + "aa"));  // 254
  EXPECT_FALSE(is_host(std::string_view("::1\0x", 5)));
}

}  // namespace
}  // namespace config
