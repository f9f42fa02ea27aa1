#include "probes/net/proxy_protocol.h"

#include <gtest/gtest.h>

namespace probes::net {
namespace {

using asio::ip::tcp;
using namespace std::string_literals;

tcp::endpoint at(const char* address, std::uint16_t port) { return {asio::ip::make_address(address), port}; }

TEST(ProxyProtocol, VersionOneIsALineOfText) {
  EXPECT_EQ(proxy_header_v1(at("192.168.0.1", 56324), at("192.168.0.11", 443)),
            "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
  EXPECT_EQ(proxy_header_v1(at("2001:db8::1", 1), at("2001:db8::2", 65535)), "PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n");
}

TEST(ProxyProtocol, VersionTwoIsBinaryAndInNetworkOrder) {
  const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;
  EXPECT_EQ(proxy_header_v2(at("192.168.0.1", 0x1234), at("10.0.0.255", 443)),
            signature + "\x21\x11\x00\x0c\xc0\xa8\x00\x01\x0a\x00\x00\xff\x12\x34\x01\xbb"s);
  EXPECT_EQ(proxy_header_v2(at("2001:db8::1", 0x1234), at("2001:db8::2", 443)),
            signature +
                "\x21\x21\x00\x24"
                "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
                "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"
                "\x12\x34\x01\xbb"s);
}

// A zone is no part of an address on the wire.
TEST(ProxyProtocol, LeavesOutTheZone) {
  EXPECT_EQ(proxy_header_v1(at("fe80::1%1", 7), at("fe80::2%1", 8)), "PROXY TCP6 fe80::1 fe80::2 7 8\r\n");
}

TEST(ProxyProtocol, WritesMappedAddressesAsWhatTheyAre) {
  EXPECT_EQ(proxy_header_v1(at("::ffff:10.0.0.1", 7), at("::ffff:10.0.0.2", 8)), "PROXY TCP4 10.0.0.1 10.0.0.2 7 8\r\n");
  EXPECT_EQ(proxy_header_v2(at("::ffff:10.0.0.1", 7), at("::ffff:10.0.0.2", 8)),
            proxy_header_v2(at("10.0.0.1", 7), at("10.0.0.2", 8)));
}

}  // namespace
}  // namespace probes::net
