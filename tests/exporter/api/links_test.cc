#include "exporter/api/links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exporter/api/estate_json.h"
#include "tests/support/an_estate.h"

namespace exporter::api {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using nlohmann::json;

WatchSlot named(const std::string& name, config::Labels labels = {}) {
  return {.target = a_target(name, a_module(), std::move(labels)), .identity = "service-a"};
}

std::vector<std::string> urls(const WatchSlot& slot, const Offers& offers, const std::vector<std::string_view>& alerts = {}) {
  std::vector<std::string> found;
  for (const Link& link : links_of(slot, alerts, offers)) found.push_back(link.url);
  return found;
}

TEST(Links, OfAWatchAreItsRunbooksDashboardAlertsAndPage) {
  const Offers offers{.links = {.runbooks = "https://w/{alert}",
                                .dashboards = "https://g/d?t={target}&i={identity}&m={module}",
                                .alerts = "https://am/#/alerts?o={label.owner}"},
                      .external_url = "https://certs/x"};
  EXPECT_EQ(urls(named("a b", {{"owner", "pay&ments"}}), offers, {"One", "Two"}),
            (std::vector<std::string>{"https://w/One", "https://w/Two", "https://g/d?t=a%20b&i=service-a&m=mtls_https",
                                      "https://am/#/alerts?o=pay%26ments", "https://certs/x/#/watch/a%20b/service-a"}));
}

TEST(Links, NothingIsOfferedThatNobodyConfigured) { EXPECT_TRUE(urls(named("a"), {}, {"One"}).empty()); }

TEST(Links, ALabelThatTheTargetLacksMakesNoLink) {
  const Offers offers{.links = {.runbooks = "", .dashboards = "https://g/{label.owner}", .alerts = "https://am/{target}"}};
  EXPECT_EQ(urls(named("a"), offers), std::vector<std::string>{"https://am/a"});
  EXPECT_EQ(urls(named("..", {{"owner", ""}}), offers), std::vector<std::string>{});
}

// A target may be named by a discovery, and so by a stranger.
TEST(Links, ANameStaysInItsPlace) {
  const Offers offers{.links = {.runbooks = "", .dashboards = "https://g/d?t={target}", .alerts = ""}};
  EXPECT_EQ(urls(named("x&y=//evil\"><b>#javascript:"), offers),
            std::vector<std::string>{"https://g/d?t=x%26y%3D%2F%2Fevil%22%3E%3Cb%3E%23javascript%3A"});
}

TEST(Links, AWatchOfOneAddressOfANameLeadsToItself) {
  config::Target target = *a_target("a", a_module());
  target.address = "2001:db8::1";
  EXPECT_EQ(page_of("https://certs/", target, ""), "https://certs/#/watch/a//2001%3Adb8%3A%3A1");
  target.address = "";
  EXPECT_EQ(page_of("https://certs/", target, ""), "https://certs/#/watch/a/");
}

TEST(TargetJson, HasItsAlertsItsLinksAndWhetherItMayBeProbedNow) {
  Estate estate;
  estate.adopt(settings_of({a_target("a", a_module())}));
  estate.record({"a", "service-a"}, a_failed_probe(Stage::connect, Reason::refused));
  const Offers offers{
      .links = {.runbooks = "https://w/{alert}", .dashboards = "", .alerts = ""}, .external_url = {}, .probe_now = true};
  const json offered = json::parse(target_json(estate, "a", today, offers).value());
  EXPECT_EQ(offered["probe_now"], true);
  EXPECT_EQ(offered["watches"][0]["alerts"], json({"MtlsTargetUnreachable"}));
  EXPECT_EQ(offered["watches"][0]["links"][0],
            json({{"kind", "runbook"}, {"name", "MtlsTargetUnreachable"}, {"url", "https://w/MtlsTargetUnreachable"}}));
  const json plain = json::parse(target_json(estate, "a", today).value());
  EXPECT_EQ(plain["probe_now"], false);
  EXPECT_EQ(plain["watches"][0]["links"], json::array());
}

}  // namespace
}  // namespace exporter::api
