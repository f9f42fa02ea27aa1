#include "probes/chain/hostname.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/test_ca.h"

namespace probes::chain {
namespace {

using tests::support::issue;
using tests::support::Issued;

Issued with_names(std::vector<std::string> names, std::string common_name = "leaf") {
  return issue({.common_name = std::move(common_name), .names = std::move(names)});
}

TEST(Hostname, MatchesADnsNameWithoutRegardToCase) {
  const Issued leaf = with_names({"DNS:a.example"});
  EXPECT_TRUE(hostname_matches(leaf.certificate.get(), "A.Example"));
  EXPECT_FALSE(hostname_matches(leaf.certificate.get(), "b.example"));
}

TEST(Hostname, IgnoresOneTrailingDot) {
  const Issued leaf = with_names({"DNS:a.example"});
  EXPECT_TRUE(hostname_matches(leaf.certificate.get(), "a.example."));
  EXPECT_FALSE(hostname_matches(leaf.certificate.get(), "a.example.."));
}

TEST(Hostname, AWildcardStandsForOneWholeLabel) {
  const Issued leaf = with_names({"DNS:*.example.com", "DNS:f*.example.org"});
  EXPECT_TRUE(hostname_matches(leaf.certificate.get(), "a.example.com"));
  EXPECT_FALSE(hostname_matches(leaf.certificate.get(), "example.com"));
  EXPECT_FALSE(hostname_matches(leaf.certificate.get(), "a.b.example.com"));
  EXPECT_FALSE(hostname_matches(leaf.certificate.get(), "foo.example.org"));
}

TEST(Hostname, AnAddressMatchesIpNamesOnly) {
  const Issued leaf = with_names({"DNS:192.0.2.2", "IP:192.0.2.1", "IP:2001:db8::1"});
  EXPECT_TRUE(hostname_matches(leaf.certificate.get(), "192.0.2.1"));
  EXPECT_TRUE(hostname_matches(leaf.certificate.get(), "2001:DB8:0::1"));
  EXPECT_FALSE(hostname_matches(leaf.certificate.get(), "192.0.2.2"));
}

TEST(Hostname, TheCommonNameCountsOnlyWithoutDnsNames) {
  EXPECT_TRUE(hostname_matches(with_names({}, "a.example").certificate.get(), "a.example"));
  EXPECT_FALSE(hostname_matches(with_names({"DNS:b.example"}, "a.example").certificate.get(), "a.example"));
}

TEST(Hostname, AnInternationalNameMatchesAsALabels) {
  const Issued leaf = with_names({"DNS:xn--bcher-kva.example"});
  EXPECT_TRUE(hostname_matches(leaf.certificate.get(), "xn--bcher-kva.example"));
  EXPECT_FALSE(hostname_matches(leaf.certificate.get(), "xn--bcher-kvb.example"));
}

TEST(Hostname, EmptyDottedAndNulNamesMatchNothing) {
  const Issued leaf = with_names({"DNS:a.example"});
  for (const std::string& name : {std::string(), std::string("."), std::string(".example"), std::string("a.example\0.evil", 15)})
    EXPECT_FALSE(hostname_matches(leaf.certificate.get(), name)) << name;
}

}  // namespace
}  // namespace probes::chain
