#include "exporter/discovery/nginx_configuration.h"

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

// `more`: files that includes may find, by path.
Seen read(const std::string& text, const std::map<std::string, std::string>& more = {}) {
  Seen seen;
  seen.found = read_nginx("/etc/nginx/nginx.conf", text, some_files(more), seen.errors);
  return seen;
}

TEST(NginxConfiguration, AServerHasItsNameCertificateAndDoor) {
  const auto seen = read(
      "http { server { listen 10.0.0.1:8443 ssl http2; server_name _ *.x.example web.example; ssl_certificate web.pem; "
      "ssl_verify_client on; location / { return 200 \"}\"; } } }");
  ASSERT_THAT(seen.found, SizeIs(1));
  const Candidate& web = seen.found.front();
  EXPECT_THAT(seen.addresses(), ElementsAre("10.0.0.1:8443"));
  EXPECT_EQ(web.name, "web.example");
  EXPECT_EQ(web.server_name, "web.example");
  EXPECT_EQ(web.certificate_file, "/etc/nginx/web.pem");
  EXPECT_EQ(web.client_auth, ClientAuthExpectation::required);
  EXPECT_THAT(seen.errors, IsEmpty());
}

TEST(NginxConfiguration, AServerIsCalledByItsFirstNameAndAskedForTheFirstWholeOne) {
  const auto seen = read("http { server { listen 443 ssl; server_name shop shop.example www.example; } }");
  EXPECT_EQ(seen.found.at(0).name, "shop");
  EXPECT_EQ(seen.found.at(0).server_name, "shop.example");
}

TEST(NginxConfiguration, WhatDoesNotSpeakTlsIsNone) {
  EXPECT_THAT(
      read("http { server { listen 80; server_name a.example; } server { listen unix:/run/x ssl; } server { listen 443 quic; } }")
          .found,
      IsEmpty());
}

TEST(NginxConfiguration, WildcardsBecomeLoopback) {
  const auto seen = read(
      "http { server { listen 443 ssl; listen [::]:443 ssl ipv6only=on; listen *:444 ssl; listen 0.0.0.0:445 ssl; listen "
      "10.0.0.1 ssl; } }");
  EXPECT_THAT(seen.addresses(), ElementsAre("127.0.0.1:443", "[::1]:443", "127.0.0.1:444", "127.0.0.1:445", "10.0.0.1:80"));
}

TEST(NginxConfiguration, ASocketSpeaksTlsForAllItsServers) {
  const auto seen =
      read("http { server { listen 443 ssl; server_name a.example; } server { listen 443; server_name b.example; } }");
  EXPECT_THAT(seen.found, SizeIs(2));
}

TEST(NginxConfiguration, ServersInheritFromTheBlockAroundThem) {
  const auto seen = read(
      "http { ssl_certificate leaf.pem; ssl_verify_client optional; server { listen 443 ssl; } "
      "server { listen 444 ssl; ssl_verify_client off; ssl_certificate own.pem; } }");
  ASSERT_THAT(seen.found, SizeIs(2));
  EXPECT_EQ(seen.found[0].client_auth, ClientAuthExpectation::optional);
  EXPECT_EQ(seen.found[0].server_name, "leaf.example");
  EXPECT_EQ(seen.found[1].client_auth, ClientAuthExpectation::none);
  EXPECT_EQ(seen.found[1].certificate_file, "/etc/nginx/own.pem");
}

TEST(NginxConfiguration, AFileIsNamedOnlyWhereItIsSureToBeServed) {
  EXPECT_EQ(
      read("http { server { listen 443 ssl; ssl_certificate a.pem; ssl_certificate b.pem; } }").found.at(0).certificate_file, "");
  EXPECT_EQ(read("http { server { listen 443 ssl; ssl_certificate $ssl_server_name.pem; } }").found.at(0).certificate_file, "");
}

TEST(NginxConfiguration, IncludesAreFollowed) {
  const auto seen = read("http { include sites/*.conf; include missing.conf; } stream { server { listen 636 ssl; } }",
                         {{"/etc/nginx/sites/a.conf", "server { listen 443 ssl; }"}});
  EXPECT_THAT(seen.addresses(), ElementsAre("127.0.0.1:443", "127.0.0.1:636"));
  EXPECT_EQ(seen.errors, (Errors{{not_found, 1}}));
}

TEST(NginxConfiguration, ABrokenLineIsOneErrorAndTheRestIsRead) {
  const auto seen = read(
      "http { server { listen 10.0.0.1:http ssl; listen 443 ssl; } server { listen 444 ssl } }\n} http { server { listen 445 "
      "ssl; } }");
  EXPECT_THAT(seen.addresses(), testing::Contains("127.0.0.1:443"));
  EXPECT_THAT(seen.addresses(), testing::Contains("127.0.0.1:445"));
  EXPECT_EQ(seen.errors.at(bad_target), 1);
  EXPECT_EQ(seen.errors.at(bad_syntax), 2);
}

}  // namespace
}  // namespace exporter::discovery
