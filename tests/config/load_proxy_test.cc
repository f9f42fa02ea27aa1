#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

const Vocabulary vocabulary{.protocols = {"tls", "https"},
                            .findings = {},
                            .reserved_labels = {"target"},
                            .default_ports = {{"auto", 443}, {"https", 443}}};

std::string mistakes_of(const std::string& proxy) {
  try {
    (void)load_text("targets: [{address: \"a:1\", proxy: " + proxy + "}]", "m", vocabulary);
    return "";
  } catch (const ConfigurationError& error) {
    return error.what();
  }
}

TEST(LoadProxy, OfHttpWithALoginAndHeaders) {
  const Settings settings = load_text(R"(
modules:
  m:
    proxy: {url: "http://proxy.internal:3128", username: watcher, password_file: proxy.pass, headers: {X-Reason: monitoring}}
targets: [{address: "a:1", module: m}]
)",
                                      "/etc/m.yml", vocabulary);
  const auto& proxy = settings.targets.front()->module->proxy;
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->kind, Proxy::Kind::http);
  EXPECT_EQ(proxy->host, "proxy.internal");
  EXPECT_EQ(proxy->port, 3128);
  EXPECT_EQ(proxy->username, "watcher");
  EXPECT_EQ(proxy->password_file, "/etc/proxy.pass");
  EXPECT_THAT(proxy->headers, ElementsAre(Pair("X-Reason", "monitoring")));
  EXPECT_EQ(url(*proxy), "http://proxy.internal:3128");
}

TEST(LoadProxy, OfSocks5) {
  for (const char* scheme : {"socks5", "socks5h"}) {
    const Settings settings =
        load_text("targets: [{address: \"a:1\", proxy: {url: \"" + std::string(scheme) + "://[::1]:1080/\"}}]", "m", vocabulary);
    const auto& proxy = settings.targets.front()->module->proxy;
    EXPECT_EQ(url(*proxy), "socks5://[::1]:1080");
  }
}

// A password belongs to its proxy: nothing of the layer below is left.
TEST(LoadProxy, ATargetsOwnReplacesItsModulesAndOffTakesItAway) {
  const Settings settings = load_text(R"(
defaults: {proxy: {url: "http://p:3128", username: watcher, password_file: /pass}}
targets:
  - {address: "a:1"}
  - {address: "a:2", proxy: {url: "http://q:3128"}}
  - {address: "a:3", proxy: off}
)",
                                      "m", vocabulary);
  EXPECT_EQ(url(*settings.targets[0]->module->proxy), "http://p:3128");
  EXPECT_EQ(url(*settings.targets[1]->module->proxy), "http://q:3128");
  EXPECT_EQ(settings.targets[1]->module->proxy->username, "");
  EXPECT_EQ(settings.targets[2]->module->proxy, nullptr);
}

TEST(LoadProxy, MistakesAreSaid) {
  EXPECT_THAT(mistakes_of("{username: a}"), HasSubstr("a proxy without `url`"));
  EXPECT_THAT(mistakes_of("{url: \"ftp://p:1\"}"), HasSubstr("`ftp://p:1` is no URL of a proxy"));
  EXPECT_THAT(mistakes_of("{url: \"http://p\"}"), HasSubstr("http://proxy.internal:3128"));
  EXPECT_THAT(mistakes_of("{url: \"http://p:3128/path\"}"), HasSubstr("http://proxy.internal:3128"));
  EXPECT_THAT(mistakes_of("{url: \"http://p:1\", password_file: f}"), HasSubstr("a `password_file` without a `username`"));
  EXPECT_THAT(mistakes_of("{url: \"socks5://p:1\", headers: {A: b}}"), HasSubstr("SOCKS5 has no headers"));
  EXPECT_THAT(mistakes_of("{url: \"http://p:1\", username: \"a:b\"}"), HasSubstr("a colon in the user name"));
  EXPECT_THAT(mistakes_of("{url: \"http://p:1\", headers: {Host: b}}"), HasSubstr("the probe itself sets the header `Host`"));
  EXPECT_THAT(mistakes_of("{url: \"http://p:1\", user: b}"), HasSubstr("`user`"));
}

TEST(LoadProxy, APasswordInTheUrlIsAMistakeAndIsNotRepeated) {
  const std::string said = mistakes_of("{url: \"http://watcher:hunter2@p:3128\"}");
  EXPECT_THAT(said, HasSubstr("write them as `username` and `password_file`"));
  EXPECT_THAT(said, Not(HasSubstr("hunter2")));
}

TEST(LoadProxy, DoesNotGoWithAllAddresses) {
  const auto mistake = [](const std::string& target) {
    try {
      (void)load_text("defaults: {proxy: {url: \"http://p:3128\"}}\ntargets: [{address: \"a:1\"" + target + "}]", "m",
                      vocabulary);
      return std::string();
    } catch (const ConfigurationError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_THAT(mistake(", all_addresses: true"), HasSubstr("the proxy looks the names up"));
  EXPECT_EQ(mistake(", all_addresses: true, proxy: off"), "");
  EXPECT_EQ(mistake(", all_addresses: false"), "");
}

}  // namespace
}  // namespace config
