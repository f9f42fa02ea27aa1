#include "exporter/discovery/nginx_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exporter/discovery/seen.h"

namespace exporter::discovery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using enum SourceReason;
using config::ClientAuthExpectation;

// `more`: files that includes and certificates may find, by path.
Seen read(const std::string& text, const std::map<std::string, std::string>& more = {}) {
  Seen seen;
  const std::vector<ConfigurationFile> files{{"/etc/nginx/nginx.conf", text}};
  List list = read_nginx(files, some_files(more), seen.troubles);
  seen.found = std::move(list.candidates);
  seen.certificate_files = std::move(list.certificate_files);
  return seen;
}

TEST(NginxConfiguration, AServerHasItsNameCertificateAndDoor) {
  const auto seen = read(
      "http { server { listen 10.0.0.1:8443 ssl http2; server_name _ Web.example; ssl_certificate web.pem; "
      "ssl_verify_client on; location / { return 200 \"}\"; } } }");
  ASSERT_THAT(seen.found, SizeIs(1));
  const Candidate& web = seen.found.front();
  EXPECT_THAT(seen.addresses(), ElementsAre("10.0.0.1:8443"));
  EXPECT_EQ(web.name, "web.example");
  EXPECT_THAT(seen.asked(), ElementsAre("web.example /etc/nginx/web.pem"));
  EXPECT_EQ(web.client_auth, ClientAuthExpectation::required);
  EXPECT_EQ(web.protocol, "https");
  EXPECT_THAT(seen.places(), IsEmpty());
}

TEST(NginxConfiguration, EveryNameThatAClientWouldUseIsATarget) {
  const auto seen = read("http { server { listen 443 ssl; server_name shop.example www.example localhost 10.0.0.1; } }");
  EXPECT_THAT(seen.asked(), ElementsAre("shop.example -", "www.example -"));
  EXPECT_THAT(read("http { server { listen 443 ssl; server_name localhost; } }").asked(), ElementsAre("localhost? -"));
}

TEST(NginxConfiguration, AServerIsCalledByItsShortNameAndAskedForTheWholeOne) {
  const auto seen = read("http { server { listen 443 ssl; server_name shop shop.example www.example; } }");
  EXPECT_THAT(seen.named(), ElementsAre("shop 127.0.0.1:443", "www.example 127.0.0.1:443"));
  EXPECT_THAT(seen.asked(), ElementsAre("shop.example -", "www.example -"));
}

TEST(NginxConfiguration, ANameIsTheFirstServersThatHasIt) {
  const auto seen = read(
      "http { server { listen 443 ssl; server_name a.example; ssl_certificate a; } server { listen 443 ssl; server_name "
      "a.example "
      "b.example; ssl_certificate b; } }");
  EXPECT_THAT(seen.asked(), ElementsAre("a.example /etc/nginx/a", "b.example /etc/nginx/b"));
}

const std::map<std::string, std::string> certificates = {{"/etc/nginx/x.pem", "certificate *.x.example"},
                                                         {"/etc/nginx/own.pem", "certificate one.x.example two.x.example"},
                                                         {"/etc/nginx/other.pem", "certificate y.example"}};

TEST(NginxConfiguration, OfAWildcardANameIsAskedThatNobodyElseHas) {
  EXPECT_THAT(read("http { server { listen 443 ssl; server_name *.x.example; ssl_certificate x.pem; } server { listen 443 ssl; "
                   "server_name wildcard.x.example; ssl_certificate other.pem; } }",
                   certificates)
                  .asked(),
              ElementsAre("wildcard-2.x.example /etc/nginx/x.pem", "wildcard.x.example /etc/nginx/other.pem"));
}

TEST(NginxConfiguration, OfAWildcardANameOfTheCertificateComesFirst) {
  EXPECT_THAT(read("http { server { listen 443 ssl; server_name *.x.example; ssl_certificate own.pem; } server { listen 443 ssl; "
                   "server_name one.x.example; ssl_certificate x.pem; } }",
                   certificates)
                  .asked(),
              ElementsAre("two.x.example /etc/nginx/own.pem", "one.x.example /etc/nginx/x.pem"));
}

TEST(NginxConfiguration, ANameMadeUpIsNotJudgedWhereTheCertificateMayNotCarryIt) {
  EXPECT_THAT(
      read("http { server { listen 443 ssl; server_name *.z.example; ssl_certificate other.pem; } }", certificates).asked(),
      ElementsAre("wildcard.z.example? /etc/nginx/other.pem"));
  EXPECT_THAT(
      read("http { server { listen 443 ssl; server_name .y.example www.*; ssl_certificate other.pem; } }", certificates).asked(),
      ElementsAre("y.example /etc/nginx/other.pem"));
}

TEST(NginxConfiguration, APatternAndTheCatchAllAreWatchedAndTheirNamesNotJudged) {
  const auto seen = read(
      "http { server { listen 443 ssl default_server; server_name _; ssl_certificate a; } server { listen 443 ssl; server_name "
      "~^(?<n>.+)\\.z$; ssl_certificate b; } server { listen 444 ssl; server_name ~z$; ssl_certificate c; } }");
  EXPECT_THAT(seen.asked(), ElementsAre("-? /etc/nginx/a", "-? /etc/nginx/c"));
  EXPECT_THAT(seen.certificate_files, ElementsAre("/etc/nginx/b"));
  EXPECT_THAT(seen.places(), IsEmpty());
}

TEST(NginxConfiguration, TheDefaultServerIsWhoWhoSaysSo) {
  const auto seen = read(
      "http { server { listen 443 ssl; server_name _; ssl_certificate a; } server { listen 443 ssl default_server; server_name "
      "_; "
      "ssl_certificate b; } }");
  EXPECT_THAT(seen.asked(), ElementsAre("-? /etc/nginx/b"));
  EXPECT_THAT(seen.certificate_files, ElementsAre("/etc/nginx/a"));
}

TEST(NginxConfiguration, AVariableInACertificatesPathIsTheNameThatIsAskedFor) {
  const auto seen = read(
      "http { server { listen 443 ssl; server_name a.example *.w.example; ssl_certificate certs/$ssl_server_name.crt; } server { "
      "listen 444 ssl; server_name x.example; ssl_certificate $other; } server { listen 445 ssl; ssl_certificate $other; } }",
      {{"/etc/nginx/certs/one.w.example.crt", ""}, {"/etc/nginx/certs/a.example.crt", ""}});
  EXPECT_THAT(seen.asked(), ElementsAre("a.example /etc/nginx/certs/a.example.crt",
                                        "one.w.example /etc/nginx/certs/one.w.example.crt", "x.example -"));
  EXPECT_THAT(seen.places(), ElementsAre("not_followed /etc/nginx/nginx.conf:1"));
}

TEST(NginxConfiguration, WhatDoesNotSpeakTlsIsNone) {
  EXPECT_THAT(
      read("http { server { listen 80; server_name a.example; } server { listen unix:/run/x ssl; } server { listen 443 quic; } }")
          .found,
      IsEmpty());
}

TEST(NginxConfiguration, WildcardAddressesBecomeLoopback) {
  const auto seen = read(
      "http { server { listen 443 ssl; listen [::]:443 ssl ipv6only=on; listen *:444 ssl; listen 0.0.0.0:445 ssl; listen "
      "10.0.0.1 ssl; } } stream { server { listen 9000-9001 ssl; listen 127.0.0.1:9002-9003 ssl; } }");
  EXPECT_THAT(seen.addresses(),
              UnorderedElementsAre("127.0.0.1:443", "[::1]:443", "127.0.0.1:444", "127.0.0.1:445", "10.0.0.1:80",
                                   "127.0.0.1:9000", "127.0.0.1:9001", "127.0.0.1:9002", "127.0.0.1:9003"));
}

TEST(NginxConfiguration, WhoListensOnEveryAddressIsNotReachedWhereAnotherDoes) {
  const auto seen = read(
      "http { server { listen 443 ssl; server_name a.example; } server { listen 127.0.0.1:443 ssl; server_name b.example; } }");
  EXPECT_THAT(seen.asked(), ElementsAre("b.example -"));
  EXPECT_THAT(seen.places(), ElementsAre("not_followed /etc/nginx/nginx.conf:1"));
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

TEST(NginxConfiguration, AFileIsNamedOnlyWhereItIsSureToBeServedAndTheOthersAreWatchedWhereTheyLie) {
  const auto seen = read("http { server { listen 443 ssl; ssl_certificate a.pem; ssl_certificate b.pem; } }");
  EXPECT_EQ(seen.found.at(0).certificate_file, "");
  EXPECT_THAT(seen.certificate_files, ElementsAre("/etc/nginx/a.pem", "/etc/nginx/b.pem"));
}

TEST(NginxConfiguration, StreamIsAnyProtocolAndMailIsTlsOrNamed) {
  const auto seen = read(
      "stream { server { listen 636 ssl; } } mail { starttls on; server { listen 993 ssl; protocol imap; } server { listen 143; "
      "protocol imap; ssl_certificate m.pem; } server { listen 25; starttls off; } }");
  std::vector<std::string> protocols;
  for (const Candidate& candidate : seen.found) protocols.push_back(std::to_string(candidate.port) + " " + candidate.protocol);
  EXPECT_THAT(protocols, ElementsAre("636 " + std::string(any_protocol), "143 imap", "993 tls"));
  EXPECT_THAT(seen.places(), IsEmpty());
}

TEST(NginxConfiguration, AListenerWithTheProxyProtocolIsSentItForAllItsServers) {
  const auto seen = read(
      "http {\nserver { listen 443 ssl; server_name a.example; ssl_certificate a.pem; }\nserver { listen 443 ssl proxy_protocol; "
      "server_name b.example; } server { listen 444 ssl; server_name c.example; } }");
  std::vector<std::string> sent;
  for (const Candidate& candidate : seen.found)
    sent.push_back(candidate.server_name + (candidate.proxy_protocol ? " header" : ""));
  EXPECT_THAT(sent, ElementsAre("a.example header", "b.example header", "c.example"));
  EXPECT_THAT(seen.places(), IsEmpty());
}

TEST(NginxConfiguration, IncludesAreFollowed) {
  const auto seen = read("http { include sites/*.conf;\n include missing.conf; } stream { server { listen 636 ssl; } }",
                         {{"/etc/nginx/sites/a.conf", "server { listen 443 ssl; }"}});
  EXPECT_THAT(seen.addresses(), ElementsAre("127.0.0.1:443", "127.0.0.1:636"));
  EXPECT_THAT(seen.places(), ElementsAre("not_found /etc/nginx/nginx.conf:2"));
}

TEST(NginxConfiguration, ABrokenLineIsNamedAndTheRestIsRead) {
  const auto seen = read(
      "http { server { listen 10.0.0.1:http ssl;\n listen 443 ssl; }\n server { listen 444 ssl } }\n} http { server { listen 445 "
      "ssl; } }");
  EXPECT_THAT(seen.addresses(), testing::Contains("127.0.0.1:443"));
  EXPECT_THAT(seen.addresses(), testing::Contains("127.0.0.1:445"));
  EXPECT_THAT(seen.places(), UnorderedElementsAre("bad_syntax /etc/nginx/nginx.conf:3", "bad_syntax /etc/nginx/nginx.conf:4",
                                                  "bad_target /etc/nginx/nginx.conf:1"));
}

}  // namespace
}  // namespace exporter::discovery
