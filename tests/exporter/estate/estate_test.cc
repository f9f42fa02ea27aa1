#include "exporter/estate/estate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "exporter/estate/expectations.h"
#include "exporter/metrics/scrape.h"
#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const WatchKey key{"payments-api", "service-a"};

std::string text(const Estate& estate, WallTime now = today) {
  return metrics::text_of({estate.texts(now), metrics::families(), metrics::Format::text, now});
}

class EstateOfOne : public ::testing::Test {
 protected:
  EstateOfOne() { estate.adopt(settings_of({a_target("payments-api", a_module())})); }
  std::shared_ptr<const WatchSlot> slot() const { return estate.watch(key); }
  Estate estate;
};

TEST_F(EstateOfOne, KeepsCertificatesThroughFailedProbesForTheRetention) {
  estate.record(key, a_good_probe(today));
  estate.record(key, a_failed_probe(Stage::connect, Reason::connect_timeout, today + 24h));
  ASSERT_TRUE(slot()->received);
  EXPECT_EQ(slot()->received->at, today);
  EXPECT_THAT(text(estate), HasSubstr("mtls_certificate_expiry_days{"));
  EXPECT_THAT(text(estate), HasSubstr("mtls_chain_expiry_days{"));
  EXPECT_THAT(text(estate), Not(HasSubstr("mtls_chain_valid{")));
  estate.record(key, a_failed_probe(Stage::connect, Reason::connect_timeout, today + 24h + 1s));
  EXPECT_FALSE(slot()->received);
  EXPECT_THAT(text(estate), Not(HasSubstr("mtls_certificate_expiry_days{")));
}

TEST_F(EstateOfOne, TakesCertificatesFromAProbeThatFailedAfterwards) {
  Handshake probe = a_good_probe(today);
  probe.outcome = Failed{.stage = Stage::handshake, .reason = Reason::connection_reset};
  estate.record(key, probe);
  EXPECT_EQ(slot()->received->certificates, probe.certificates);
  EXPECT_THAT(text(estate), HasSubstr("mtls_chain_valid{"));
}

TEST_F(EstateOfOne, ReplacesCertificatesWhenOthersCome) {
  estate.record(key, a_good_probe(today));
  Handshake renewed = a_good_probe(today + 60s);
  renewed.certificates = {a_certificate("renewed", 365)};
  estate.record(key, renewed);
  EXPECT_EQ(slot()->received->certificates.size(), 1u);
  EXPECT_EQ(slot()->received->at, today + 60s);
}

TEST_F(EstateOfOne, KeepsTheLastFailureForADay) {
  estate.record(key, a_failed_probe(Stage::connect, Reason::refused, today));
  estate.record(key, a_good_probe(today + 24h));
  EXPECT_TRUE(slot()->last_failure);
  estate.record(key, a_good_probe(today + 24h + 1s));
  EXPECT_FALSE(slot()->last_failure);
}

TEST_F(EstateOfOne, CountsProbesAndHandshakeFailures) {
  estate.record(key, a_good_probe());
  estate.record(key, a_failed_probe(Stage::connect, Reason::refused));
  estate.record(key, a_failed_probe(Stage::application, Reason::http_status));
  EXPECT_EQ(slot()->probes, 3u);
  EXPECT_EQ(slot()->failures, 1u);
  EXPECT_THAT(text(estate), HasSubstr("mtls_exporter_probe_results_total{stage=\"none\",reason=\"none\"} 1\n"));
  EXPECT_THAT(text(estate), HasSubstr("mtls_exporter_probe_results_total{stage=\"connect\",reason=\"refused\"} 1\n"));
  EXPECT_THAT(text(estate), HasSubstr("mtls_exporter_probe_results_total{stage=\"application\",reason=\"http_status\"} 1\n"));
  EXPECT_THAT(text(estate), HasSubstr("mtls_exporter_probe_results_total{stage=\"handshake\",reason=\"not_tls\"} 0\n"));
}

TEST_F(EstateOfOne, RemembersTheLastProbesUpToTheLimit) {
  for (std::size_t probe = 0; probe <= history_limit; ++probe) estate.record(key, a_good_probe(today + probe * 60s));
  ASSERT_EQ(slot()->history.size(), history_limit);
  EXPECT_EQ(slot()->history.front().at, today + 60s);
  EXPECT_EQ(slot()->history.back().at, today + history_limit * 60s);
}

TEST_F(EstateOfOne, RemembersOfEachProbeWhatDidNotHold) {
  Handshake probe = a_good_probe(today);
  probe.hostname_match = false;
  estate.record(key, probe);
  estate.record(key, a_failed_probe(Stage::connect, Reason::refused, today + 60s));
  estate.record(key, a_good_probe(today + 120s));
  const auto broken = [&](std::size_t at) { return expectations_of(slot()->history[at].broken); };
  EXPECT_THAT(broken(0), ::testing::ElementsAre(Expectation::hostname)) << "TLS was well, and the probe was not";
  EXPECT_THAT(broken(1), ::testing::ElementsAre(Expectation::handshake));
  EXPECT_THAT(broken(2), ::testing::IsEmpty());
}

TEST_F(EstateOfOne, RemembersSinceWhenADoorIsKeptSo) {
  const auto knocked = [&](KnockAnswer anonymous, KnockAnswer rogue, WallTime at) {
    estate.record_knock(key, "anonymous", {anonymous, false}, at);
    estate.record_knock(key, "rogue", {rogue, false}, at);
  };
  estate.record(key, a_good_probe(today));
  knocked(KnockAnswer::refused, KnockAnswer::refused, today + 1s);
  estate.record(key, a_failed_probe(Stage::connect, Reason::refused, today + 60s));  // no door to be seen
  estate.record(key, a_good_probe(today + 120s));
  knocked(KnockAnswer::refused, KnockAnswer::refused, today + 121s);
  const auto before = slot()->door_changes;
  ASSERT_EQ(before.size(), 1u) << "neither that nobody had looked yet nor an outage is a change";
  EXPECT_EQ(before.front().mode, DoorMode::required);
  EXPECT_EQ(before.front().at, today + 1s);
  knocked(KnockAnswer::admitted, KnockAnswer::admitted, today + 900s);
  EXPECT_EQ(slot()->door_changes.back().mode, DoorMode::open);
  EXPECT_EQ(slot()->door_changes.back().at, today + 900s);
  EXPECT_LE(slot()->door_changes.size(), history_limit);
}

TEST_F(EstateOfOne, ASnapshotDoesNotChange) {
  const auto before = slot();
  estate.record(key, a_good_probe());
  EXPECT_FALSE(before->last);
  EXPECT_TRUE(slot()->last);
}

TEST_F(EstateOfOne, DropsTheDoorWhenTheTargetIsDown) {
  estate.record(key, a_good_probe());
  estate.record_knock(key, "anonymous", {KnockAnswer::refused}, today);
  estate.record_knock(key, "rogue", {KnockAnswer::refused}, today);
  EXPECT_EQ(slot()->door.mode, DoorMode::required);
  estate.record(key, a_failed_probe(Stage::handshake, Reason::handshake_timeout));
  EXPECT_EQ(slot()->door.mode, DoorMode::required);
  estate.record(key, a_failed_probe(Stage::connect, Reason::refused));
  EXPECT_FALSE(slot()->door.mode);
  EXPECT_TRUE(slot()->door.knocks.empty());
}

TEST_F(EstateOfOne, AKnockIsForgottenAfterTwoPeriods) {
  estate.record(key, a_good_probe());
  estate.record_knock(key, "anonymous", {KnockAnswer::refused}, today);
  estate.record_knock(key, "rogue", {KnockAnswer::refused}, today);
  estate.record(key, a_good_probe(today + 30min));
  EXPECT_EQ(slot()->door.mode, DoorMode::required);
  estate.record(key, a_good_probe(today + 30min + 1s));
  EXPECT_EQ(slot()->door.mode, DoorMode::undetermined);
  EXPECT_TRUE(slot()->door.knocks.empty());
}

TEST_F(EstateOfOne, AKnockThatCouldNotBeJudgedDoesNotDisplaceAValidAnswer) {
  estate.record_knock(key, "rogue", {KnockAnswer::refused}, today);
  estate.record_knock(key, "rogue", {KnockAnswer::undetermined}, today + 15min);
  EXPECT_EQ(slot()->door.knocks.at("rogue").answer, KnockAnswer::refused);
  estate.record_knock(key, "rogue", {KnockAnswer::undetermined}, today + 31min);
  EXPECT_EQ(slot()->door.knocks.at("rogue").answer, KnockAnswer::undetermined);
}

TEST_F(EstateOfOne, ADoorNobodyKnockedAtHasNoMode) {
  estate.record(key, a_good_probe());
  EXPECT_FALSE(slot()->door.mode);
}

TEST_F(EstateOfOne, AServerThatNeverAsksHasModeNoneWithoutAKnock) {
  Handshake probe = a_good_probe();
  probe.client = {.verdict = Verdict::not_requested};
  estate.record(key, probe);
  EXPECT_EQ(slot()->door.mode, DoorMode::none);
}

TEST_F(EstateOfOne, AdoptKeepsWhatIsKnownAndShowsTheNewSettings) {
  estate.record(key, a_good_probe());
  config::Settings changed = settings_of({a_target("payments-api", a_module(), {{"owner", "payments"}})});
  changed.labels = {{"site", "north"}, {"owner", "nobody"}};
  estate.adopt(changed);
  EXPECT_EQ(slot()->probes, 1u);
  EXPECT_THAT(text(estate),
              HasSubstr("mtls_probe_success{target=\"payments-api\",identity=\"service-a\",address=\"\",owner=\"payments\","
                        "site=\"north\"} 1\n"));
  // What is said of a CA is the whole estate's, and has its labels.
  for (std::string line, all = text(estate); !all.empty(); all.erase(0, line.size() + 1)) {
    line = all.substr(0, all.find('\n'));
    const bool of_the_estate = line.starts_with("mtls_issuer_");
    EXPECT_TRUE(of_the_estate || line.find("nobody") == std::string::npos) << line;
  }
}

TEST_F(EstateOfOne, AdoptDropsWhatIsNoLongerWatched) {
  estate.record(key, a_good_probe());
  estate.adopt(settings_of({a_target("other", a_module())}));
  EXPECT_FALSE(slot());
  EXPECT_THAT(text(estate), Not(HasSubstr("payments-api")));
  estate.record(key, a_good_probe());
  EXPECT_THAT(text(estate), Not(HasSubstr("payments-api")));
}

TEST_F(EstateOfOne, AdoptWatchesEveryIdentityOfAModuleAndNoneWhereThereIsNone) {
  config::Module several = *a_module();
  several.identities = {"billing", "service-a"};
  config::Module without = several;
  without.identities.clear();
  estate.adopt(settings_of(
      {a_target("a", std::make_shared<config::Module>(several)), a_target("b", std::make_shared<config::Module>(without))}));
  std::vector<WatchKey> keys;
  for (const auto& watch : estate.watches()) keys.push_back({watch->target->name, watch->identity});
  EXPECT_EQ(keys, (std::vector<WatchKey>{{"a", "billing"}, {"a", "service-a"}, {"b", ""}}));
}

TEST_F(EstateOfOne, AdoptChangesTheLevelOfDetail) {
  estate.record(key, a_good_probe());
  EXPECT_THAT(text(estate), HasSubstr("mtls_tls_info"));
  estate.adopt(settings_of({a_target("payments-api", a_module())}, config::Detail::lean));
  EXPECT_THAT(text(estate), Not(HasSubstr("mtls_tls_info")));
}

TEST_F(EstateOfOne, AdoptDropsIdentitiesAndTrustStoresThatAreNoLongerConfigured) {
  estate.set_identity({.name = "service-a", .usable = true});
  estate.set_trust({.name = "internal", .up = true});
  estate.adopt(settings_of({a_target("payments-api", a_module())}));
  EXPECT_EQ(estate.identities().size(), 1u);
  EXPECT_EQ(estate.trusts().size(), 1u);
  config::Settings bare = settings_of({});
  bare.identities.clear();
  bare.trust.clear();
  estate.adopt(bare);
  EXPECT_TRUE(estate.identities().empty());
  EXPECT_TRUE(estate.trusts().empty());
}

TEST_F(EstateOfOne, TrustErrorsAddUpAndBeginAtZero) {
  estate.set_trust({.name = "internal", .up = true});
  EXPECT_THAT(text(estate), HasSubstr("mtls_source_errors_total{source=\"trust\",name=\"internal\",reason=\"bad_pem\"} 0\n"));
  estate.set_trust({.name = "internal", .errors = {{probes::observations::SourceReason::bad_pem, 1}}});
  estate.set_trust({.name = "internal", .errors = {{probes::observations::SourceReason::bad_pem, 2}}});
  EXPECT_THAT(text(estate), HasSubstr("mtls_source_errors_total{source=\"trust\",name=\"internal\",reason=\"bad_pem\"} 3\n"));
}

TEST(Estate, WasTriedOnceWhenEveryWatchWas) {
  Estate estate;
  EXPECT_TRUE(estate.tried_once());
  estate.adopt(settings_of({a_target("a", a_module()), a_target("b", a_module())}));
  EXPECT_FALSE(estate.tried_once());
  estate.record({"a", "service-a"}, a_good_probe());
  EXPECT_FALSE(estate.tried_once());
  estate.record({"b", "service-a"}, a_failed_probe(Stage::connect, Reason::refused));
  EXPECT_TRUE(estate.tried_once());
}

TEST(Estate, CountsEveryProbeOfManyThreadsWhileSettingsChange) {
  Estate estate;
  const config::Settings settings = settings_of({a_target("a", a_module()), a_target("b", a_module())});
  estate.adopt(settings);
  constexpr int threads = 4, probes = 200;
  std::atomic<bool> done{false};
  std::vector<std::jthread> recording;
  for (int thread = 0; thread < threads; ++thread)
    recording.emplace_back([&] {
      for (int probe = 0; probe < probes; ++probe) estate.record({"a", "service-a"}, a_good_probe());
    });
  std::jthread reading([&] {
    while (!done) EXPECT_THAT(text(estate), HasSubstr("mtls_probes_total"));
  });
  for (int change = 0; change < 20; ++change) estate.adopt(settings);
  recording.clear();
  done = true;
  EXPECT_EQ(estate.watch({"a", "service-a"})->probes, static_cast<std::uint64_t>(threads * probes));
}

}  // namespace
}  // namespace exporter
