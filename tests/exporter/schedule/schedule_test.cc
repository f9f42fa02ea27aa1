// The schedule against scripted servers: what reaches the estate, and when.
#include "exporter/schedule/schedule.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "exporter/metrics/family.h"
#include "exporter/metrics/scrape.h"
#include "tests/support/eventually.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/probing.h"
#include "tests/support/tls_peer.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using probes::observations::DoorMode;

class Scheduling : public testing::Test {
 protected:
  Scheduling() {
    materials_->identities["service-a"] = world_.identity();
    materials_->trust["estate"] = probes::chain::TrustStore::of("estate", {world_.authority.certificate.get()});
    materials_->trust[""] = materials_->trust["estate"];
  }

  TlsPeerOptions demanding(std::vector<Act> then = {act::CloseNotify{}}) const {
    TlsPeerOptions options;
    options.identity = &world_.server;
    options.client = ClientCertificate::required;
    options.client_anchor = world_.authority.certificate.get();
    options.after_handshake = std::move(then);
    return options;
  }

  static config::Module module() {
    return {.name = "m", .protocol = "https", .trust = "estate", .identities = {"service-a"}, .interval = 50ms, .timeout = 2s};
  }

  void add(const std::string& name, std::uint16_t port, config::Module module) {
    config::Target target{.name = name, .host = "127.0.0.1", .port = port, .server_name = "localhost"};
    target.module = std::make_shared<const config::Module>(std::move(module));
    settings_.targets.push_back(std::make_shared<const config::Target>(std::move(target)));
  }

  std::unique_ptr<Schedule> start(ScheduleLimits limits = {.lanes = 2}) {
    auto schedule = std::make_unique<Schedule>(
        estate_, own_, [this] { return materials_; }, limits);
    estate_.adopt(settings_);
    schedule->adopt(settings_);
    return schedule;
  }

  std::shared_ptr<const WatchSlot> slot(const std::string& target) const { return estate_.watch({target, "service-a"}); }
  std::uint64_t probes(const std::string& target) const { return slot(target) ? slot(target)->probes : 0; }

  // Of mtls_exporter_probes_delayed_total; -1 where it is not said.
  double delayed(const std::string& cause) const {
    const auto format = metrics::Format::text;
    const std::string text = metrics::text_of({{std::make_shared<metrics::SlotText>(own_.text(format))},
                                               metrics::families(),
                                               format,
                                               probes::observations::wall_now()});
    const std::string line = "\nmtls_exporter_probes_delayed_total{cause=\"" + cause + "\"} ";
    const auto found = text.find(line);
    return found == std::string::npos ? -1 : std::stod(text.substr(found + line.size()));
  }

  World world_;
  std::shared_ptr<Materials> materials_ = std::make_shared<Materials>();
  config::Settings settings_;
  Estate estate_;
  metrics::OwnMetrics own_{Build{}};
};

std::vector<Act> greeting() { return answer_http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); }

TEST_F(Scheduling, ProbesAgainAndAgainAndTellsTheEstate) {
  const TlsPeer peer(demanding(greeting()));
  add("a", peer.port(), module());
  const auto schedule = start();
  ASSERT_TRUE(eventually([&] { return probes("a") >= 3; }));
  EXPECT_EQ(outcome(*slot("a")->last), "ok");
}

TEST_F(Scheduling, TurnsWhileNoLaneHangs) {
  const auto schedule = start();
  for (int times = 0; times < 3; ++times) EXPECT_TRUE(eventually([&] { return schedule->turns(); }));
}

TEST_F(Scheduling, DoesNotTurnWhileALaneHangs) {
  std::promise<void> entered, released;
  std::once_flag once;
  add("a", 1, module());
  Schedule schedule(estate_, own_,
                    [&] {
                      std::call_once(once, [&] {
                        entered.set_value();
                        released.get_future().wait();
                      });
                      return materials_;
                    },
                    {.lanes = 2});
  estate_.adopt(settings_);
  schedule.adopt(settings_);
  entered.get_future().wait();
  (void)schedule.turns();  // leaves a task with each lane; the hanging one cannot run it
  for (int times = 0; times < 3; ++times) EXPECT_FALSE(schedule.turns());
  released.set_value();
  EXPECT_TRUE(eventually([&] { return schedule.turns(); })) << "a lane that goes on is alive again";
}

TEST_F(Scheduling, ATargetThatHangsDelaysNoOther) {
  TlsPeerOptions mute = demanding();
  mute.before_handshake = {act::Silence{}};
  const TlsPeer hanging(mute), healthy(demanding(greeting()));
  config::Module patient = module();
  patient.interval = patient.timeout = 1h;
  for (int i = 0; i < 8; ++i) add("hanging-" + std::to_string(i), hanging.port(), patient);
  add("healthy", healthy.port(), module());
  const auto schedule = start({.lanes = 1});
  ASSERT_TRUE(eventually([&] { return probes("healthy") >= 5 && hanging.seen().size() == 8; }));
  for (int i = 0; i < 8; ++i) EXPECT_EQ(probes("hanging-" + std::to_string(i)), 0u);
}

TEST_F(Scheduling, AnEstateThatGrowsGoesOnWithMoreLanes) {
  const TlsPeer peer(demanding(greeting()));
  add("first", peer.port(), module());
  const auto schedule = start({});
  ASSERT_TRUE(eventually([&] { return probes("first") >= 1; }));
  for (int i = 0; i < 29; ++i) add("more-" + std::to_string(i), peer.port(), module());  // 600 probes a second
  estate_.adopt(settings_);
  schedule->adopt(settings_);
  const auto before = probes("first");
  ASSERT_TRUE(eventually([&] { return probes("first") >= before + 3; }));
  for (int i = 0; i < 29; ++i) EXPECT_TRUE(eventually([&] { return probes("more-" + std::to_string(i)) >= 1; })) << i;
}

// With a second lane each has half of what the one had: watches wait for their host, and then for the lane.
TEST_F(Scheduling, NobodyIsForgottenWhenALanesLimitsShrink) {
  const TlsPeer peer(demanding(greeting()));
  const auto name = [](int i) { return "target-" + std::to_string(i); };
  for (int i = 0; i < 8; ++i) add(name(i), peer.port(), module());
  const auto schedule = start({.in_flight = 2, .per_host = 2});
  ASSERT_TRUE(eventually([&] { return probes(name(7)) >= 1; }));
  for (int i = 8; i < 40; ++i) add(name(i), peer.port(), module());  // 800 probes a second
  estate_.adopt(settings_);
  schedule->adopt(settings_);
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(eventually([&] { return probes(name(i)) >= 2; })) << i;
  settings_.targets.erase(settings_.targets.begin(), settings_.targets.begin() + 20);
  estate_.adopt(settings_);
  schedule->adopt(settings_);
  for (int i = 20; i < 40; ++i) {
    const auto before = probes(name(i));
    EXPECT_TRUE(eventually([&] { return probes(name(i)) >= before + 2; })) << i;
  }
}

TEST_F(Scheduling, NoMoreProbesAtOnceToOneHostThanAllowed) {
  TlsPeerOptions mute = demanding();
  mute.before_handshake = {act::Silence{}};
  const TlsPeer hanging(mute);
  config::Module brief = module();
  brief.timeout = 300ms;
  brief.interval = 300ms;
  for (int i = 0; i < 6; ++i) add("hanging-" + std::to_string(i), hanging.port(), brief);
  const auto schedule = start({.lanes = 1, .per_host = 2});
  std::ptrdiff_t most = 0;
  ASSERT_TRUE(eventually([&] {
    const auto seen = hanging.seen();
    most = std::max(most, std::count_if(seen.begin(), seen.end(), [](const SeenConnection& one) { return !one.ended; }));
    return seen.size() >= 8;
  }));
  // A connection counts until the peer has noticed its end, which may overlap with the next one's beginning.
  EXPECT_LE(most, 4);
}

// What is missing here is ours: no server has failed, and nobody is paged.
TEST_F(Scheduling, AProbeWithoutADescriptorIsMadeAgainAndIsNoFailureOfItsTarget) {
  const TlsPeer peer(demanding(greeting()));
  config::Module knocking = module();
  knocking.timeout = 1s;
  knocking.interval = 1s;
  add("a", peer.port(), knocking);
  config::Target by_name{.name = "named", .host = "localhost", .port = peer.port(), .server_name = "localhost"};
  by_name.module = settings_.targets.front()->module;
  settings_.targets.push_back(std::make_shared<const config::Target>(std::move(by_name)));
  Schedule schedule(estate_, own_, [this] { return materials_; }, {.lanes = 1});
  {
    const NoDescriptors none;
    estate_.adopt(settings_);
    schedule.adopt(settings_);
    ASSERT_TRUE(eventually([&] { return delayed("descriptors") >= 6; }));
    EXPECT_EQ(probes("a") + probes("named"), 0u);
  }
  for (const char* name : {"a", "named"}) {
    ASSERT_TRUE(eventually([&] { return probes(name) >= 2; })) << name;
    for (const HistoryEntry& entry : slot(name)->history)
      EXPECT_FALSE(entry.failure) << name << " " << (entry.failure ? word(entry.failure->reason) : "");
  }
  EXPECT_EQ(delayed("places"), 0);
}

TEST_F(Scheduling, CountsProbesThatWaitForAPlaceUnderWhatIsLacking) {
  TlsPeerOptions mute = demanding();
  mute.before_handshake = {act::Silence{}};
  const TlsPeer hanging(mute);
  config::Module brief = module();
  brief.timeout = 300ms;
  brief.interval = 300ms;
  for (int i = 0; i < 6; ++i) add("hanging-" + std::to_string(i), hanging.port(), brief);
  auto schedule = start({.lanes = 1, .in_flight = 2});
  ASSERT_TRUE(eventually([&] { return delayed("places") >= 2; }));
  EXPECT_EQ(delayed("descriptors"), 0);
  schedule.reset();
  const double places = delayed("places");
  schedule = start({.lanes = 1, .in_flight = 2, .by_descriptors = true});
  ASSERT_TRUE(eventually([&] { return delayed("descriptors") >= 2; }));
  EXPECT_EQ(delayed("places"), places);
}

TEST_F(Scheduling, ServersThatStopAndReturnShowInTheNextProbe) {
  auto peer = std::make_unique<TlsPeer>(demanding(greeting()));
  add("a", peer->port(), module());
  const auto schedule = start();
  ASSERT_TRUE(eventually([&] { return probes("a") >= 1; }));
  peer.reset();
  ASSERT_TRUE(eventually([&] { return outcome(*slot("a")->last) == "connect/refused"; }));
  EXPECT_TRUE(slot("a")->received);  // the certificate outlives the server
}

TEST_F(Scheduling, ALockedDoorIsFoundLockedAndAHoleAHole) {
  const TlsPeer locked(demanding(greeting()));
  TlsPeerOptions careless = demanding(greeting());
  careless.client_anchor = nullptr;  // any certificate will do
  const TlsPeer hole(careless);
  config::Module knocking = module();
  knocking.timeout = 2s;
  knocking.interval = 2s;
  knocking.client_auth = {
      .expect = config::ClientAuthExpectation::required, .must_refuse = {"anonymous", "rogue"}, .every = 200ms};
  add("locked", locked.port(), knocking);
  add("hole", hole.port(), knocking);
  const auto schedule = start();
  const auto mode = [&](const std::string& target) { return slot(target)->door.mode.value_or(DoorMode::undetermined); };
  EXPECT_TRUE(eventually([&] { return mode("locked") == DoorMode::required; }));
  EXPECT_TRUE(eventually([&] { return mode("hole") == DoorMode::any_certificate; }));
}

TEST_F(Scheduling, NobodyKnocksAtADoorThatCannotBeReached) {
  config::Module knocking = module();
  knocking.client_auth = {
      .expect = config::ClientAuthExpectation::required, .must_refuse = {"anonymous", "rogue"}, .every = 50ms};
  add("down", closed_port(), knocking);
  const auto schedule = start();
  ASSERT_TRUE(eventually([&] { return probes("down") >= 5; }));
  EXPECT_TRUE(slot("down")->door.knocks.empty());
}

TEST_F(Scheduling, ATargetThatLeftIsProbedNoMoreAndOneThatCameIs) {
  const TlsPeer old_peer(demanding(greeting())), new_peer(demanding(greeting()));
  add("old", old_peer.port(), module());
  const auto schedule = start();
  ASSERT_TRUE(eventually([&] { return probes("old") >= 1; }));
  settings_.targets.clear();
  add("new", new_peer.port(), module());
  estate_.adopt(settings_);
  schedule->adopt(settings_);
  ASSERT_TRUE(eventually([&] { return probes("new") >= 3; }));
  const std::size_t then = old_peer.seen().size();
  ASSERT_TRUE(eventually([&] { return probes("new") >= 6; }));
  EXPECT_EQ(old_peer.seen().size(), then);
  EXPECT_FALSE(slot("old"));
}

TEST_F(Scheduling, ATargetThatMovesWhileItIsProbedIsProbedWhereItIs) {
  TlsPeerOptions mute = demanding();
  mute.before_handshake = {act::Silence{}};
  const TlsPeer hanging(mute), healthy(demanding(greeting()));
  config::Module brief = module();
  brief.interval = brief.timeout = 400ms;
  add("a", hanging.port(), brief);
  const auto schedule = start({.lanes = 1, .per_host = 1});
  ASSERT_TRUE(eventually([&] { return hanging.seen().size() == 1; }));
  settings_.targets.clear();
  config::Target moved{.name = "a", .host = "localhost", .port = healthy.port(), .server_name = "localhost"};
  moved.module = std::make_shared<const config::Module>(brief);
  settings_.targets.push_back(std::make_shared<const config::Target>(std::move(moved)));
  estate_.adopt(settings_);
  schedule->adopt(settings_);
  ASSERT_TRUE(eventually([&] { return probes("a") >= 3; }));  // the first probe has ended meanwhile, and is no one's
  EXPECT_EQ(outcome(*slot("a")->last), "ok");
  for (const HistoryEntry& entry : slot("a")->history) EXPECT_FALSE(entry.failure);
  EXPECT_EQ(hanging.seen().size(), 1u);
}

TEST_F(Scheduling, StopsWhateverIsUnderWay) {
  TlsPeerOptions mute = demanding();
  mute.before_handshake = {act::Silence{}};
  const TlsPeer hanging(mute);
  config::Module patient = module();
  patient.interval = patient.timeout = 1h;
  add("hanging", hanging.port(), patient);
  const auto schedule = start();
  ASSERT_TRUE(eventually([&] { return hanging.seen().size() == 1; }));
  schedule->stop();
  EXPECT_EQ(probes("hanging"), 0u);
}

}  // namespace
}  // namespace exporter
