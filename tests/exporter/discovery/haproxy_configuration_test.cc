#include "exporter/discovery/haproxy_configuration.h"

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
using Content = std::map<std::string, std::string>;

Seen read(const std::string& text, const Content& content = {}, const Content& environment = {}) {
  Seen seen;
  const std::vector<ConfigurationFile> files{{"/etc/haproxy/haproxy.cfg", text}};
  List list = read_haproxy(files, some_files(content, environment), seen.troubles);
  seen.found = std::move(list.candidates);
  seen.certificate_files = std::move(list.certificate_files);
  return seen;
}

TEST(HaproxyConfiguration, ABindHasItsSectionCertificateAndDoor) {
  const auto seen = read(
      "global\n  crt-base /etc/ssl\nfrontend orders\n  bind 10.0.0.1:8443 ssl crt leaf.pem ca-file ca.pem verify required # "
      "door\n");
  ASSERT_THAT(seen.named(), ElementsAre("orders 10.0.0.1:8443"));
  EXPECT_THAT(seen.asked(), ElementsAre("leaf.example /etc/ssl/leaf.pem"));
  EXPECT_EQ(seen.found[0].client_auth, ClientAuthExpectation::required);
  EXPECT_THAT(seen.places(), IsEmpty());
}

TEST(HaproxyConfiguration, OnlyTlsOfListenersCounts) {
  EXPECT_THAT(read("frontend a\n bind :80\n bind /run/x.sock ssl crt x\nbackend b\n server s 10.0.0.1:443 ssl verify required\n"
                   " default-server ssl verify required ca-file x\n")
                  .found,
              IsEmpty());
}

TEST(HaproxyConfiguration, ModeHttpIsHttpsAndEverythingElseIsTls) {
  const auto seen = read(
      "defaults web\n mode http\ndefaults\n mode tcp\nfrontend a\n bind :1 ssl crt /leaf.pem\nfrontend b from web\n bind :2 ssl "
      "crt "
      "/leaf.pem\nlisten c\n bind :3 ssl crt /leaf.pem\n mode http\npeers d\n bind :4 ssl crt /leaf.pem\nlog-forward e\n bind :5 "
      "ssl "
      "crt /leaf.pem\n");
  std::vector<std::string> protocols;
  for (const Candidate& candidate : seen.found) protocols.push_back(candidate.name + " " + candidate.protocol);
  const std::string any(any_protocol);
  EXPECT_THAT(protocols, ElementsAre("a " + any, "b https", "c https", "d " + any, "e " + any));
}

TEST(HaproxyConfiguration, SeveralBindsAreToldApart) {
  const auto seen = read(
      "listen web\n bind *:443,[::]:443 ssl crt /leaf.pem\n bind ipv6@:8443 ssl crt /leaf.pem verify optional name inner\n bind "
      ":9000-9001 ssl crt /leaf.pem\n");
  EXPECT_THAT(seen.named(), ElementsAre("web/127.0.0.1:443 127.0.0.1:443", "web/[::1]:443 [::1]:443", "web/inner [::1]:8443",
                                        "web/127.0.0.1:9000 127.0.0.1:9000", "web/127.0.0.1:9001 127.0.0.1:9001"));
  EXPECT_EQ(seen.found[0].client_auth, ClientAuthExpectation::none);
  EXPECT_EQ(seen.found[2].client_auth, ClientAuthExpectation::optional);
}

const Content folder = {{"/c/a.pem", "certificate a.example *.w.example cn a.example"},
                        {"/c/b.pem", "certificate b.example a.example"},
                        {"/c/b.pem.key", "a key"},
                        {"/c/b.pem.ocsp", "a staple"},
                        {"/c/.hidden.pem", "certificate hidden.example"},
                        {"/c/ip.pem", "certificate"},
                        {"/c/twin.pem.ecdsa", "ecdsa certificate twin.example"},
                        {"/c/twin.pem.rsa", "rsa certificate twin.example"}};

TEST(HaproxyConfiguration, EveryCertificateOfAFolderIsAskedForByItsNames) {
  const auto seen = read("frontend web\n bind :443 ssl crt /c/\n", folder);
  EXPECT_THAT(seen.asked(), ElementsAre("a.example /c/a.pem", "wildcard.w.example /c/a.pem", "b.example /c/b.pem",
                                        "twin.example -", "twin.example /c/twin.pem.rsa"));
  EXPECT_THAT(seen.named(),
              ElementsAre("web/a.example 127.0.0.1:443", "web/*.w.example 127.0.0.1:443", "web/b.example 127.0.0.1:443",
                          "web/twin.example 127.0.0.1:443", "web/twin.example/rsa 127.0.0.1:443"));
  EXPECT_TRUE(seen.found.back().rsa_only);
  EXPECT_THAT(seen.certificate_files, ElementsAre("/c/ip.pem", "/c/twin.pem.ecdsa", "/c/twin.pem.rsa"));
  EXPECT_THAT(seen.places(), IsEmpty());
}

TEST(HaproxyConfiguration, APairIsLoadedForTheNameWithoutItsEnd) {
  const auto seen = read("frontend web\n bind :443 ssl crt /c/twin.pem\n", folder);
  EXPECT_THAT(seen.asked(), ElementsAre("twin.example -", "twin.example /c/twin.pem.rsa"));
  EXPECT_THAT(seen.certificate_files, ElementsAre("/c/twin.pem.ecdsa", "/c/twin.pem.rsa"));
  const auto without = read("global\n ssl-load-extra-files key\nfrontend web\n bind :443 ssl crt /c/twin.pem\n", folder);
  EXPECT_THAT(without.places(), ElementsAre("not_found /etc/haproxy/haproxy.cfg:4"));
}

// It may sort first, and the first certificate is what clients without a name are shown.
TEST(HaproxyConfiguration, AFileOfAFolderThatIsNoCertificateIsNamedAndNoTarget) {
  Content with_readme = folder;
  with_readme["/c/README"] = "a text";
  const auto seen = read("frontend web\n bind :443 ssl crt /c/\n", with_readme);
  EXPECT_THAT(seen.asked(), testing::Not(testing::Contains("-? -")));
  EXPECT_THAT(seen.asked(), testing::SizeIs(5));
  EXPECT_THAT(seen.places(), ElementsAre("no_certificates /etc/haproxy/haproxy.cfg:2"));
}

TEST(HaproxyConfiguration, TheCasOfItsClientsAreWatched) {
  EXPECT_THAT(read("global\n ca-base /ca\nfrontend web\n bind :443 ssl crt /c/b.pem ca-file clients ca-verify-file /x.pem verify "
                   "required\n",
                   folder)
                  .certificate_files,
              ElementsAre("/ca/clients", "/x.pem"));
  EXPECT_THAT(read("frontend web\n bind :443 ssl crt /c/b.pem ca-file @system-ca\n", folder).certificate_files, IsEmpty());
}

TEST(HaproxyConfiguration, ACertificateThatNobodyCanNameIsTheFirstOnesToGive) {
  EXPECT_THAT(read("frontend web\n bind :443 ssl crt /c/ip.pem crt /c/a.pem\n", folder).asked(),
              ElementsAre("a.example /c/a.pem", "wildcard.w.example /c/a.pem", "-? /c/ip.pem"));
  EXPECT_THAT(read("frontend web\n bind :443 ssl strict-sni crt /c/ip.pem crt /c/b.pem\n", folder).asked(),
              ElementsAre("b.example /c/b.pem", "a.example /c/b.pem"));
}

TEST(HaproxyConfiguration, AnUnreadableCertificateIsNamedAndItsNameNotJudged) {
  const auto seen = read("frontend web\n bind :443 ssl crt /missing.pem\n");
  EXPECT_THAT(seen.asked(), ElementsAre("-? -"));
  EXPECT_THAT(seen.places(), ElementsAre("not_found /etc/haproxy/haproxy.cfg:2"));
}

TEST(HaproxyConfiguration, AListSaysWhichNamesLeadToWhat) {
  Content content = folder;
  content["/c/list"] =
      "# of the shop\n\na.pem [alpn h2 verify required ca-file ca.pem] shop.example *.shop.example !wildcard.shop.example\n"
      "/c/b.pem[verify none]\nnowhere.pem x.example\n";
  const auto seen = read("global\n crt-base /c\nfrontend web\n bind :443 ssl verify optional crt-list /c/list\n", content);
  EXPECT_THAT(seen.asked(), ElementsAre("shop.example /c/a.pem", "wildcard-2.shop.example? /c/a.pem", "b.example /c/b.pem",
                                        "a.example /c/b.pem", "x.example -"));
  EXPECT_EQ(seen.found[0].client_auth, ClientAuthExpectation::required);
  EXPECT_EQ(seen.found[2].client_auth, ClientAuthExpectation::none);
  EXPECT_EQ(seen.found[4].client_auth, ClientAuthExpectation::optional);
  EXPECT_THAT(seen.places(), ElementsAre("not_found /c/list:5"));
}

TEST(HaproxyConfiguration, AStoreHasCertificatesByTheirAlias) {
  const auto seen = read(
      "crt-store web\n crt-base /c\n load crt a.pem alias first\n load crt b.pem key b.key\nfrontend f\n bind :443 ssl crt "
      "@web/b.pem crt @web/first crt @web/none\n",
      folder);
  EXPECT_THAT(seen.asked(), ElementsAre("b.example /c/b.pem", "a.example /c/b.pem", "wildcard.w.example /c/a.pem"));
  EXPECT_THAT(seen.places(), ElementsAre("not_followed /etc/haproxy/haproxy.cfg:6"));
}

TEST(HaproxyConfiguration, VariablesAreThoseOfTheServiceAndOfTheConfigurationItself) {
  const auto seen = read(
      "global\n setenv CERTS /c\n presetenv PORT 1\n unsetenv GONE\nfrontend a\n bind \"${ADDRESS}:$PORT\" ssl crt "
      "\"${CERTS}/b.pem\"\n "
      "bind :2 ssl crt \"${NONE-/c/b.pem}\"\n bind :3 ssl crt \"$GONE\"\n bind :4 ssl crt '$PORT'\n",
      folder, {{"ADDRESS", "10.0.0.1"}, {"PORT", "8443"}, {"GONE", "/c/a.pem"}});
  EXPECT_THAT(seen.addresses(), ElementsAre("10.0.0.1:8443", "10.0.0.1:8443", "127.0.0.1:2", "127.0.0.1:2", "127.0.0.1:4"));
  EXPECT_THAT(seen.places(),
              UnorderedElementsAre("not_followed /etc/haproxy/haproxy.cfg:8", "not_found /etc/haproxy/haproxy.cfg:9"));
}

TEST(HaproxyConfiguration, ABindThatInsistsOnTheProxyHeaderIsSentIt) {
  const auto seen = read("frontend a\n bind :1 ssl crt /c/b.pem accept-proxy\n bind :2 ssl crt /c/b.pem\n", folder);
  std::vector<bool> headers;
  for (const Candidate& candidate : seen.found) headers.push_back(candidate.proxy_protocol);
  EXPECT_THAT(seen.addresses(), ElementsAre("127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:2"));
  EXPECT_THAT(headers, ElementsAre(true, true, false, false));
  EXPECT_THAT(seen.places(), IsEmpty());
}

TEST(HaproxyConfiguration, WhatElseMustComeAheadOfTlsIsLeftOutAndNamed) {
  const auto seen = read(
      "frontend a\n bind :1 accept-netscaler-cip 1 accept-proxy ssl crt /c/b.pem\n bind :2 ssl crt /c/b.pem\nfrontend b\n bind "
      ":3 ssl crt /c/b.pem\n "
      "tcp-request connection expect-proxy layer4\n",
      folder);
  EXPECT_THAT(seen.addresses(), ElementsAre("127.0.0.1:2", "127.0.0.1:2"));
  EXPECT_THAT(seen.places(), ElementsAre("not_followed /etc/haproxy/haproxy.cfg:2", "not_followed /etc/haproxy/haproxy.cfg:5"));
  EXPECT_THAT(seen.certificate_files, ElementsAre("/c/b.pem", "/c/b.pem"));
}

TEST(HaproxyConfiguration, ValuesAreNoKeywords) {
  EXPECT_THAT(read("frontend a\n bind :1 name ssl alpn crt\n bind :2 ca-file ssl ssl crt /c/b.pem\n", folder).addresses(),
              ElementsAre("127.0.0.1:2", "127.0.0.1:2"));
}

TEST(HaproxyConfiguration, FilesOfOneHaproxyHandOnWhatHolds) {
  Troubles troubles;
  const std::vector<ConfigurationFile> files{{"/1.cfg", "global\n crt-base /c\ndefaults\n mode http\n"},
                                             {"/2.cfg", "frontend a\n bind :1 ssl crt b.pem strict-sni\n"}};
  const List list = read_haproxy(files, some_files(folder), troubles);
  ASSERT_THAT(list.candidates, SizeIs(2));
  EXPECT_EQ(list.candidates[0].protocol, "https");
  EXPECT_EQ(list.candidates[0].certificate_file, "/c/b.pem");
}

TEST(HaproxyConfiguration, RelativePathsBeginWhereHaproxyDidUnlessItSaysOtherwise) {
  const std::string bind = "frontend a\n bind :1 ssl strict-sni crt b.pem\n";
  EXPECT_THAT(read(bind, folder, {{"PWD", "/c"}}).asked(), ElementsAre("b.example /c/b.pem", "a.example /c/b.pem"));
  EXPECT_THAT(read("global\n default-path origin /c\n" + bind, folder, {{"PWD", "/d"}}).found, SizeIs(2));
  EXPECT_THAT(read("global\n default-path config\n" + bind, folder).places(),
              ElementsAre("not_found /etc/haproxy/haproxy.cfg:4"));
}

TEST(HaproxyConfiguration, ConditionsAreWorkedOutOrNamed) {
  const auto seen = read(
      ".if defined(TLS)\nfrontend a\n bind :1 ssl crt /leaf.pem\n.else\nfrontend a\n bind :2 ssl crt /leaf.pem\n.endif\n.if "
      "streq(\"$TLS\",off)\nfrontend b\n bind :3 ssl crt /leaf.pem\n.elif !0\nfrontend b\n bind :4 ssl crt "
      "/leaf.pem\n.endif\n.if "
      "version_atleast(3.0)\nfrontend c\n bind :5 ssl crt /leaf.pem\n.endif\n",
      {}, {{"TLS", "on"}});
  EXPECT_THAT(seen.addresses(), ElementsAre("127.0.0.1:1", "127.0.0.1:4"));
  EXPECT_THAT(seen.places(), ElementsAre("not_followed /etc/haproxy/haproxy.cfg:15"));
}

TEST(HaproxyConfiguration, ABrokenLineIsNamedAndTheRestIsRead) {
  const auto seen = read(
      "frontend a\n bind \"${ADDRESS}:443\" ssl crt x\n bind 10.0.0.1 ssl crt x\n bind\n log-format \"never closed\n bind "
      "\":443\n bind "
      ":443 ssl crt /leaf.pem\n");
  EXPECT_THAT(seen.found, SizeIs(1));
  EXPECT_THAT(seen.places(), ElementsAre("not_followed /etc/haproxy/haproxy.cfg:2", "bad_target /etc/haproxy/haproxy.cfg:3",
                                         "bad_syntax /etc/haproxy/haproxy.cfg:4", "bad_syntax /etc/haproxy/haproxy.cfg:6"));
}

TEST(HaproxyConfiguration, QuotesAndBackslashesAreHaproxys) {
  const auto seen = read("frontend 'my front'\n bind \":4\"43 ssl crt a\\ b.pem\n");
  EXPECT_THAT(seen.named(), ElementsAre("my front 127.0.0.1:443"));
}

}  // namespace
}  // namespace exporter::discovery
