#include "exporter/discovery/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "exporter/vocabulary.h"

namespace exporter::discovery {
namespace {

using config::ClientAuthExpectation;
using testing::ElementsAre;

constexpr std::string_view configuration =
    "identities: {a: {certificate_file: a.pem}, b: {certificate_file: b.pem}}\n"
    "modules: {web: {protocol: https, identity: a}, locked: {identity: a, client_auth: {expect: required}},\n"
    "  ahead: {proxy_protocol: v1}, plain: {protocol: tls}}\n"
    "targets: [{name: shop, address: 'shop:443', module: web}]\n"
    "discovery: [{name: one, file_sd: [x.json], module: web, labels: {team: x}}, {name: two, file_sd: [y.json], module: web}]\n";

class Merging : public testing::Test {
 protected:
  std::vector<std::string> names(std::vector<Candidate> one, std::vector<Candidate> two = {}) {
    settings_ = merge_.with({{"one", std::make_shared<const List>(List{std::move(one)})},
                             {"two", std::make_shared<const List>(List{std::move(two), {"/etc/other.pem"}})}});
    std::vector<std::string> found;
    for (const auto& target : settings_.targets) found.push_back(target->name);
    return found;
  }
  const config::Target& last() const { return *settings_.targets.back(); }

  Merge merge_{std::make_shared<const config::Settings>(config::load_text(configuration, "/estate.yml", vocabulary()))};
  config::Settings settings_;
};

TEST_F(Merging, ATargetIsCalledByItsNameOrItsAddress) {
  EXPECT_THAT(names({{.host = "a", .port = 1}, {.host = "b", .port = 2, .name = "bee"}}), ElementsAre("shop", "a:1", "bee"));
}

TEST_F(Merging, ANameThatIsTakenGetsTheAddressBehindIt) {
  EXPECT_THAT(names({{.host = "a", .port = 1, .name = "shop"}}, {{.host = "b", .port = 1, .name = "shop"}}),
              ElementsAre("shop", "shop/a:1", "shop/b:1"));
}

TEST_F(Merging, OneServerWithTwoNamesIsTwoTargets) {
  EXPECT_THAT(names({{.host = "a", .port = 1, .server_name = "x.example"}, {.host = "a", .port = 1, .server_name = "y.example"}}),
              ElementsAre("shop", "a:1", "a:1/y.example"));
}

TEST_F(Merging, EqualTargetsAreOneAndTheConfiguredOneWins) {
  EXPECT_THAT(names({{.host = "shop", .port = 443}, {.host = "a", .port = 1}}, {{.host = "a", .port = 1, .name = "again"}}),
              ElementsAre("shop", "a:1"));
}

TEST_F(Merging, ACandidatesModuleAndIdentityAreTaken) {
  (void)names({{.host = "a", .port = 1, .module = "locked", .identity = "b"}});
  EXPECT_EQ(last().module->name, "locked");
  EXPECT_EQ(last().module->identities, std::vector<std::string>{"b"});
}

TEST_F(Merging, NamesThatAreNotConfiguredMakeNoTarget) {
  EXPECT_THAT(names({{.host = "a", .port = 1, .module = "nope"}, {.host = "a", .port = 2, .identity = "nope"}}),
              ElementsAre("shop"));
}

TEST_F(Merging, LabelsOfTheTargetWinOverThoseOfTheDiscovery) {
  (void)names({{.host = "a", .port = 1, .labels = {{"team", "own"}}}});
  EXPECT_EQ(last().labels.at("team"), "own");
  (void)names({{.host = "a", .port = 1}});
  EXPECT_EQ(last().labels.at("team"), "x");
}

TEST_F(Merging, TheDoorIsExpectedAsItsServerIsConfiguredUnlessTheModuleSays) {
  (void)names({{.host = "a", .port = 1, .client_auth = ClientAuthExpectation::required}});
  EXPECT_EQ(last().module->client_auth.expect, ClientAuthExpectation::required);
  EXPECT_THAT(last().module->client_auth.must_refuse, ElementsAre("anonymous", "rogue"));
  (void)names({{.host = "a", .port = 1, .module = "locked", .client_auth = ClientAuthExpectation::none}});
  EXPECT_EQ(last().module->client_auth.expect, ClientAuthExpectation::required);
}

TEST_F(Merging, AServersOwnProtocolCountsUnlessTheModuleSays) {
  (void)names({{.host = "a", .port = 1, .module = "locked", .protocol = "https"}});
  EXPECT_EQ(last().module->protocol, "https");
  EXPECT_EQ(last().module->name, "locked");
  (void)names({{.host = "a", .port = 1, .protocol = "tls"}});
  EXPECT_EQ(last().module->protocol, "https") << "module web writes it";
}

TEST_F(Merging, ANameThatIsNotJudgedStaysSoAndOtherFilesAreWatched) {
  (void)names({{.host = "a", .port = 1, .name_judged = false}});
  EXPECT_FALSE(last().name_judged);
  EXPECT_EQ(settings_.certificate_files, (std::set<std::string>{"/etc/other.pem"}));
}

TEST_F(Merging, TheProxyHeaderThatAServerInsistsOnIsSentInTheModulesVersion) {
  (void)names({{.host = "a", .port = 1}});
  EXPECT_EQ(config::proxy_protocol(last()), config::ProxyProtocol::off);
  (void)names({{.host = "a", .port = 1, .proxy_protocol = true}});
  EXPECT_EQ(config::proxy_protocol(last()), config::ProxyProtocol::v2);
  (void)names({{.host = "a", .port = 1, .module = "ahead", .proxy_protocol = true}});
  EXPECT_EQ(config::proxy_protocol(last()), config::ProxyProtocol::v1);
}

TEST_F(Merging, WhatNamesNothingConfiguredIsNamed) {
  Troubles troubles;
  name_unknown({{.host = "a", .port = 1, .module = "nope", .identity = "no"}}, settings_, "one", troubles);
  ASSERT_EQ(troubles.named().size(), 2u);
  EXPECT_EQ(place_text(troubles.named()[0]) + ": " + troubles.named()[0].detail, "one: target a:1: no module is called `nope`");
}

TEST_F(Merging, AUrlSaysProtocolPortAndPathWhereTheModuleLeavesThemOpen) {
  EXPECT_THAT(names({{.host = "a", .port = 0, .path = "/x", .scheme = "https", .name = "https://a/x", .module = "locked"},
                     {.host = "a", .port = 443, .scheme = "https", .module = "locked"}}),
              ElementsAre("shop", "https://a/x", "a:443"));
  EXPECT_EQ(last().module->protocol, "https");
  EXPECT_EQ(last().port, 443);
}

TEST_F(Merging, WhatAModuleCannotBeAskedIsNamedAndNoTarget) {
  const std::vector<Candidate> unfit = {{.host = "a", .port = 1, .scheme = "https", .module = "plain"},
                                        {.host = "a", .port = 0, .module = "plain"}};
  EXPECT_THAT(names(unfit), ElementsAre("shop"));
  Troubles troubles;
  name_unknown(unfit, settings_, "one", troubles);
  ASSERT_EQ(troubles.named().size(), 2u);
  EXPECT_EQ(troubles.named()[0].detail, "target a:1: its URL says `https`, and the module `plain` says `tls`");
  EXPECT_EQ(troubles.named()[1].detail, "target a: it has no port, and the protocol `tls` has none of its own; write host:port");
}

TEST_F(Merging, TheRsaHalfOfAPairIsATargetOfItsOwn) {
  EXPECT_THAT(names({{.host = "a", .port = 1}, {.host = "a", .port = 1, .name = "a:1/rsa", .rsa_only = true}}),
              ElementsAre("shop", "a:1", "a:1/rsa"));
  EXPECT_THAT(last().module->tls.signature_algorithms, testing::StartsWith("RSA-PSS+SHA256"));
}

TEST_F(Merging, AModuleIsTheSameOneAfterEveryMerge) {
  (void)names({{.host = "a", .port = 1, .identity = "b"}});
  const auto module = last().module;
  (void)names({{.host = "c", .port = 1, .identity = "b"}});
  EXPECT_EQ(last().module, module);
}

}  // namespace
}  // namespace exporter::discovery
