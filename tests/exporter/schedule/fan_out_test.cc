// Names whose addresses are watched each by itself, with a scripted name server and real TLS servers on 127.0.0.2 and .3.
#include "exporter/schedule/fan_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "exporter/estate/fanned_out.h"
#include "exporter/materials/materials.h"
#include "exporter/metrics/family.h"
#include "exporter/metrics/scrape.h"
#include "exporter/schedule/schedule.h"
#include "tests/support/eventually.h"
#include "tests/support/name_server.h"
#include "tests/support/probing.h"
#include "tests/support/tls_peer.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace tests::support;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class FanningOut : public testing::Test {
 protected:
  FanningOut() { server_.set("\x02\x03"); }

  config::Settings watching(const std::string& host, bool all = true) const {
    config::Module module{.name = "m", .protocol = "https", .trust = "estate", .identities = {"service-a"}};
    module.all_addresses = all;
    module.interval = 100ms;
    module.timeout = 100ms;
    config::Target target{.name = "api", .host = host, .port = 8443};
    target.module = std::make_shared<const config::Module>(module);
    config::Settings settings;
    settings.targets.push_back(std::make_shared<const config::Target>(std::move(target)));
    return settings;
  }

  std::vector<std::string> hosts(const config::Settings& settings) const {
    std::vector<std::string> found;
    for (const auto& target : fan_out_.spread(settings).targets) found.push_back(target->host);
    return found;
  }

  NameServer server_;
  std::atomic<int> changes_ = 0;
  FanOut fan_out_{[this] { ++changes_; }, {.list = server_.address(), .patience = 100ms}};
};

TEST_F(FanningOut, MakesATargetOfEachAddressInTheOrderOfTheNumbers) {
  server_.set("\x03\x02");
  const config::Settings settings = watching("set.example");
  fan_out_.adopt(settings);
  EXPECT_FALSE(changes_ == 0 && fan_out_.looked_once());
  ASSERT_TRUE(eventually([&] { return fan_out_.looked_once(); }));
  const config::Settings spread = fan_out_.spread(settings);
  ASSERT_THAT(hosts(settings), ElementsAre("127.0.0.2", "127.0.0.3"));
  EXPECT_EQ(spread.targets[0]->name, "api");
  EXPECT_EQ(spread.targets[0]->address, "127.0.0.2");
  EXPECT_EQ(spread.targets[0]->server_name, "set.example");
  EXPECT_EQ(spread.targets[0]->addresses, 2u);
  EXPECT_EQ(watches_of(*spread.targets[1]), (std::vector<WatchKey>{{"api", "service-a", "127.0.0.3"}}));
}

TEST_F(FanningOut, LeavesOtherTargetsAsTheyAre) {
  for (const auto& settings : {watching("set.example", false), watching("192.0.2.1"), watching("::1")}) {
    fan_out_.adopt(settings);
    EXPECT_TRUE(fan_out_.looked_once());
    EXPECT_EQ(fan_out_.spread(settings).targets, settings.targets);
  }
}

TEST_F(FanningOut, FollowsTheNameAtTheTargetsPace) {
  const config::Settings settings = watching("set.example");
  fan_out_.adopt(settings);
  ASSERT_TRUE(eventually([&] { return hosts(settings).size() == 2; }));
  server_.set("\x03\x04");
  ASSERT_TRUE(eventually([&] { return hosts(settings) == std::vector{"127.0.0.3"s, "127.0.0.4"s}; }));
  ASSERT_TRUE(eventually([&] { return changes_ == 2; }));
  server_.set("\x04\x03");  // another order is no change
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(changes_, 2);
}

TEST_F(FanningOut, KeepsTheAddressesWhileNobodyAnswersAndNotWhenTheNameHasGone) {
  const config::Settings settings = watching("set.example");
  fan_out_.adopt(settings);
  ASSERT_TRUE(eventually([&] { return hosts(settings).size() == 2; }));
  server_.keep_silent(true);
  std::this_thread::sleep_for(500ms);
  EXPECT_EQ(hosts(settings).size(), 2u);
  server_.keep_silent(false);
  server_.set(std::nullopt);
  EXPECT_TRUE(eventually([&] { return hosts(settings) == std::vector{"set.example"s}; }));
}

TEST_F(FanningOut, WatchesAtMostSixteenAndCountsThemAll) {
  const config::Settings settings = watching("many.example");
  fan_out_.adopt(settings);
  ASSERT_TRUE(eventually([&] { return fan_out_.looked_once(); }));
  const config::Settings spread = fan_out_.spread(settings);
  EXPECT_EQ(spread.targets.size(), most_addresses);
  EXPECT_EQ(spread.targets.front()->addresses, 28u);
  EXPECT_EQ(spread.targets.back()->address, "127.0.0.16");
}

// A name that leads nowhere is a failure of a target, not a target less.
TEST_F(FanningOut, OfANameThatDoesNotExistThePlainTargetIsLeft) {
  const config::Settings settings = watching("missing.example");
  fan_out_.adopt(settings);
  const bool none = hosts(settings).empty();
  EXPECT_TRUE(none || fan_out_.looked_once());
  ASSERT_TRUE(eventually([&] { return fan_out_.looked_once(); }));
  EXPECT_THAT(hosts(settings), ElementsAre("missing.example"));
}

// From the name to the series: who differs is seen, and who leaves the name goes with its series.
TEST_F(FanningOut, EachAddressIsAWatchOfItsOwn) {
  const World world;
  const Issued other =
      issue({.common_name = "other", .names = {"DNS:set.example"}, .extended_key_usage = "serverAuth"}, &world.authority);
  const Issued good =
      issue({.common_name = "good", .names = {"DNS:set.example"}, .extended_key_usage = "serverAuth"}, &world.authority);
  const auto options = [&](const Issued& identity, const std::string& ip, std::uint16_t port) {
    TlsPeerOptions made{.identity = &identity};
    made.client = ClientCertificate::required;
    made.after_handshake = answer_http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    made.ip = ip;
    made.port = port;
    return made;
  };
  const TlsPeer second(options(good, "127.0.0.2", 0)), third(options(other, "127.0.0.3", second.port()));

  auto materials = std::make_shared<Materials>();
  materials->identities["service-a"] = world.identity();
  materials->trust["estate"] = materials->trust[""] =
      probes::chain::TrustStore::of("estate", {world.authority.certificate.get()});
  Estate estate;
  metrics::OwnMetrics own{Build{}};
  Schedule schedule(estate, own, [&] { return materials; }, {.lanes = 1});
  config::Settings settings = watching("set.example");
  auto target = std::make_shared<config::Target>(*settings.targets.front());
  target->port = second.port();
  auto module = std::make_shared<config::Module>(*target->module);
  module->timeout = module->interval = 2s;
  target->module = module;
  settings.targets = {target};
  const auto adopt = [&] {
    const config::Settings spread = fan_out_.spread(settings);
    estate.adopt(spread);
    schedule.adopt(spread);
  };
  const auto text = [&] { return metrics::text_of(metrics::scrape(estate, own, metrics::Format::text, {})); };
  fan_out_.adopt(settings);
  ASSERT_TRUE(eventually([&] { return fan_out_.looked_once(); }));
  adopt();
  ASSERT_TRUE(eventually([&] { return estate.tried_once(); }));
  const std::string labels = "target=\"api\",identity=\"service-a\",address=";
  EXPECT_THAT(text(), HasSubstr("mtls_probe_success{" + labels + "\"127.0.0.2\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("mtls_probe_success{" + labels + "\"127.0.0.3\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("mtls_target_addresses{target=\"api\"} 2\n"));
  EXPECT_THAT(text(), HasSubstr("mtls_target_addresses_disagree{target=\"api\"} 1\n"));
  server_.set("\x02");
  ASSERT_TRUE(eventually([&] { return hosts(settings).size() == 1; }));
  adopt();
  EXPECT_THAT(text(), HasSubstr("mtls_target_addresses_disagree{target=\"api\"} 0\n"));
  EXPECT_THAT(text(), Not(HasSubstr("127.0.0.3")));
}

}  // namespace
}  // namespace exporter
