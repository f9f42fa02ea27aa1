#include "exporter/on_demand/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/ip/address.hpp>

#include "config/closed.h"

namespace exporter::on_demand {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

config::AddressBytes address(std::string_view text) {
  const auto bytes = literal(text);
  EXPECT_TRUE(bytes) << text;
  return bytes.value_or(config::AddressBytes{});
}

config::ProbeAllow allowing(const std::vector<std::string>& networks, std::vector<std::uint16_t> ports,
                            std::vector<std::string> names = {}) {
  config::ProbeAllow allow{.networks = {}, .ports = std::move(ports), .names = std::move(names)};
  for (const std::string& text : networks) allow.networks.push_back(std::get<config::Network>(config::parse_network(text)));
  return allow;
}

config::Target target(std::string host) { return {.name = "t", .host = std::move(host), .port = 443}; }

TEST(Reach, AConfiguredTargetIsWhereItWasConfigured) {
  const Reach reach = Reach::of_target(target("10.0.0.7"));
  EXPECT_THAT(reach.refusal(), IsEmpty());
  EXPECT_THAT(reach.refusal(address("10.0.0.7")), IsEmpty());
  EXPECT_THAT(reach.refusal(address("::ffff:10.0.0.7")), IsEmpty());
}

// Whoever wrote the address meant it; where a name leads is for others to decide.
TEST(Reach, AConfiguredNameDoesNotLeadToClosedAddresses) {
  EXPECT_THAT(Reach::of_target(target("169.254.1.1")).refusal(address("169.254.1.1")), IsEmpty());
  const Reach by_name = Reach::of_target(target("web.example"));
  EXPECT_THAT(by_name.refusal(address("169.254.169.254")), HasSubstr("link-local, which is never probed"));
  EXPECT_THAT(by_name.refusal(address("10.0.0.7")), IsEmpty());
  EXPECT_THAT(by_name.refusal(address("127.0.0.1")), IsEmpty());
}

TEST(Reach, OneAddressOfATargetIsNoOther) {
  const Reach reach = Reach::of_target(target("web.example"), address("10.0.0.7"));
  EXPECT_THAT(reach.refusal(address("10.0.0.7")), IsEmpty());
  EXPECT_THAT(reach.refusal(address("10.0.0.8")), HasSubstr("no address of the target"));
  const Reach closed_one = Reach::of_target(target("web.example"), address("169.254.169.254"));
  EXPECT_THAT(closed_one.refusal(address("169.254.169.254")), HasSubstr("link-local"));
}

// A proxy looks names up itself: only the operator's own go to it.
TEST(Reach, OnlyAConfiguredNameIsHandedToAProxy) {
  EXPECT_TRUE(Reach::of_target(target("web.example")).names_may_leave());
  EXPECT_FALSE(Reach::of_target(target("web.example"), address("10.0.0.7")).names_may_leave());
  EXPECT_FALSE(Reach::opened(allowing({}, {443}, {"*"}), "web.example", 443).names_may_leave());
}

TEST(Reach, NothingIsOpenByDefault) {
  for (const std::string host : {"10.0.0.7", "web.example", "127.0.0.1", "::1"})
    EXPECT_THAT(Reach::opened({}, host, 443).refusal(), HasSubstr("only configured targets")) << host;
}

TEST(Reach, PortsAreListed) {
  const auto allow = allowing({"10.0.0.0/8"}, {443, 8443}, {"*"});
  EXPECT_THAT(Reach::opened(allow, "10.0.0.7", 8443).refusal(), IsEmpty());
  EXPECT_THAT(Reach::opened(allow, "10.0.0.7", 22).refusal(), HasSubstr("port 22 is not in"));
  EXPECT_THAT(Reach::opened(allow, "web.example", 22).refusal(), HasSubstr("port 22 is not in"));
}

TEST(Reach, AddressesLieInANetwork) {
  const auto allow = allowing({"10.0.0.0/8", "2001:db8::/32"}, {443});
  for (const std::string host : {"10.1.2.3", "2001:db8::7", "::ffff:10.1.2.3"})
    EXPECT_THAT(Reach::opened(allow, host, 443).refusal(), IsEmpty()) << host;
  for (const std::string host :
       {"11.1.2.3", "2001:db9::7", "::ffff:11.1.2.3", "64:ff9b::10.1.2.3", "::10.1.2.3", "2002:a01:203::"})
    EXPECT_THAT(Reach::opened(allow, host, 443).refusal(), HasSubstr("in no network")) << host;
}

TEST(Reach, NamesMatchAPattern) {
  const auto allow = allowing({}, {443}, {"*.internal", "Web.Example."});
  for (const std::string host : {"a.internal", "A.B.INTERNAL", "a.internal.", "web.example", "WEB.example."})
    EXPECT_THAT(Reach::opened(allow, host, 443).refusal(), IsEmpty()) << host;
  for (const std::string host : {"internal", "xinternal", "a.internal.evil.example", "b.web.example", "web.example.evil.example"})
    EXPECT_THAT(Reach::opened(allow, host, 443).refusal(), HasSubstr("is not in web.probe.allow.names")) << host;
  EXPECT_THAT(Reach::opened(allowing({"10.0.0.0/8"}, {443}), "a.internal", 443).refusal(), HasSubstr("names"));
  EXPECT_THAT(Reach::opened(allow, "10.0.0.7", 443).refusal(), HasSubstr("in no network"));
}

// DNS rebinding: the name is open, and leads elsewhere by now.
TEST(Reach, AnOpenNameLeadsNowhereElse) {
  const Reach without_networks = Reach::opened(allowing({}, {443}, {"*.internal"}), "a.internal", 443);
  for (const std::string_view good : {"10.0.0.7", "192.168.0.1", "203.0.113.7", "2001:db8::7"})
    EXPECT_THAT(without_networks.refusal(address(good)), IsEmpty()) << good;
  for (const std::string_view bad : {"127.0.0.1", "::1", "169.254.169.254", "0.0.0.0", "64:ff9b::7f00:1", "fe80::1"})
    EXPECT_THAT(without_networks.refusal(address(bad)), Not(IsEmpty())) << bad;
  const Reach with_networks = Reach::opened(allowing({"10.0.0.0/8"}, {443}, {"*.internal"}), "a.internal", 443);
  EXPECT_THAT(with_networks.refusal(address("10.0.0.7")), IsEmpty());
  EXPECT_THAT(with_networks.refusal(address("203.0.113.7")), HasSubstr("in no network"));
}

TEST(Reach, LoopbackIsOpenedByANetworkOfItsOwn) {
  const auto everything = allowing({"0.0.0.0/0", "::/0"}, {443}, {"*"});
  for (const std::string host : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost", "LocalHost.", "a.localhost"})
    EXPECT_THAT(Reach::opened(everything, host, 443).refusal(), HasSubstr("loopback is not open")) << host;
  EXPECT_THAT(Reach::opened(everything, "10.0.0.7", 443).refusal(), IsEmpty());
  EXPECT_THAT(Reach::opened(allowing({"127.0.0.0/8"}, {443}), "127.9.9.9", 443).refusal(), IsEmpty());
  EXPECT_THAT(Reach::opened(allowing({"127.0.0.1"}, {443}), "127.9.9.9", 443).refusal(), HasSubstr("loopback is not open"));
  EXPECT_THAT(Reach::opened(allowing({"::1"}, {443}), "::1", 443).refusal(), IsEmpty());
  EXPECT_THAT(Reach::opened(allowing({"::1"}, {443}, {"localhost"}), "localhost", 443).refusal(), IsEmpty());
}

TEST(Reach, NoNetworkOpensClosedAddresses) {
  const auto everything = allowing({"0.0.0.0/0", "::/0", "169.254.0.0/16", "fe80::/10"}, {80}, {"*"});
  for (const std::string host :
       {"169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fe80::1%eth0", "0.0.0.0", "::", "255.255.255.255",
        "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::", "fd00:ec2::254", "100.100.100.200"})
    EXPECT_THAT(Reach::opened(everything, host, 80).refusal(), HasSubstr("which is never probed")) << host;
}

}  // namespace
}  // namespace exporter::on_demand
