#include "exporter/discovery/haproxy_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exporter/discovery/seen.h"

namespace exporter::discovery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using enum SourceReason;
using config::ClientAuthExpectation;

Seen read(const std::string& text) {
  Seen seen;
  seen.found = read_haproxy(text, some_files(), seen.errors);
  return seen;
}

TEST(HaproxyConfiguration, ABindHasItsSectionCertificateAndDoor) {
  const auto seen = read(
      "global\n  crt-base /etc/ssl\nfrontend orders\n  bind 10.0.0.1:8443 ssl crt leaf.pem ca-file ca.pem verify required # "
      "door\n");
  ASSERT_THAT(seen.named(), ElementsAre("orders 10.0.0.1:8443"));
  EXPECT_EQ(seen.found[0].server_name, "leaf.example");
  EXPECT_EQ(seen.found[0].certificate_file, "/etc/ssl/leaf.pem");
  EXPECT_EQ(seen.found[0].client_auth, ClientAuthExpectation::required);
  EXPECT_THAT(seen.errors, IsEmpty());
}

TEST(HaproxyConfiguration, OnlyTlsOfFrontendsCounts) {
  EXPECT_THAT(
      read("frontend a\n bind :80\n bind /run/x.sock ssl crt x\nbackend b\n server s 10.0.0.1:443 ssl verify required\n").found,
      IsEmpty());
}

TEST(HaproxyConfiguration, SeveralBindsAreToldApart) {
  const auto seen = read(
      "listen web\n bind *:443,[::]:443 ssl crt a.pem\n bind ipv6@:8443 ssl crt a.pem verify optional name inner\n bind "
      ":9000-9001 ssl crt d/\n");
  EXPECT_THAT(seen.named(), ElementsAre("web/127.0.0.1:443 127.0.0.1:443", "web/[::1]:443 [::1]:443", "web/inner [::1]:8443",
                                        "web/127.0.0.1:9000 127.0.0.1:9000", "web/127.0.0.1:9001 127.0.0.1:9001"));
  EXPECT_EQ(seen.found[0].client_auth, ClientAuthExpectation::none);
  EXPECT_EQ(seen.found[2].client_auth, ClientAuthExpectation::optional);
}

TEST(HaproxyConfiguration, ABrokenLineIsOneErrorAndTheRestIsRead) {
  const auto seen = read(
      "frontend a\n bind \"${ADDRESS}:443\" ssl crt x\n bind 10.0.0.1 ssl crt x\n bind\n log-format \"never closed\n bind :443 "
      "ssl crt x\n");
  EXPECT_THAT(seen.found, SizeIs(1));
  EXPECT_EQ(seen.errors, (Errors{{bad_syntax, 2}, {bad_target, 1}}));
}

TEST(HaproxyConfiguration, QuotesAndBackslashesAreHaproxys) {
  const auto seen = read("frontend 'my front'\n bind \":4\"43 ssl crt a\\ b.pem\n");
  EXPECT_THAT(seen.named(), ElementsAre("my front 127.0.0.1:443"));
}

}  // namespace
}  // namespace exporter::discovery
