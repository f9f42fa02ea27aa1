#include "exporter/api/alerts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/an_estate.h"

namespace exporter::api {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string_view> alerts(const WatchSlot& slot) { return alerts_of(slot, standing(slot, today), today); }

// What Prometheus is given: every name that the page links a runbook by.
TEST(Alerts, AreRulesWithARunbook) {
  const std::filesystem::path deploy = std::filesystem::path(MTLS_SOURCE_DIR) / "deploy";
  std::string rules;
  for (const auto& file : std::filesystem::directory_iterator(deploy / "prometheus/rules")) {
    std::ifstream stream(file.path());
    rules.append(std::istreambuf_iterator<char>(stream), {});
  }
  for (const std::string_view alert : all_alerts_of_watches()) {
    EXPECT_NE(rules.find("- alert: " + std::string(alert) + "\n"), std::string::npos) << alert;
    EXPECT_TRUE(std::filesystem::exists(deploy / "runbooks" / (std::string(alert) + ".md"))) << alert;
  }
}

TEST(Alerts, OfAWatchThatIsWellThereAreNone) {
  EXPECT_THAT(alerts(a_slot(a_good_probe())), IsEmpty());
  EXPECT_THAT(alerts({.target = a_target("a", a_module())}), IsEmpty());
}

TEST(Alerts, OneCauseIsSaidOnce) {
  EXPECT_THAT(alerts(a_slot(a_failed_probe(Stage::connect, Reason::refused))), ElementsAre("MtlsTargetUnreachable"));
  EXPECT_THAT(alerts(a_slot(a_failed_probe(Stage::handshake, Reason::not_tls))), ElementsAre("MtlsHandshakeFailing"));
  Handshake refused = a_failed_probe(Stage::client_certificate, Reason::unknown_ca);
  refused.client.verdict = Verdict::rejected;
  EXPECT_THAT(alerts(a_slot(refused)), ElementsAre("MtlsClientRefused"));
}

TEST(Alerts, AHoleInADoorComesFirst) {
  Handshake probe = a_good_probe();
  probe.hostname_match = false;
  WatchSlot slot = a_slot(probe, {.expect = config::ClientAuthExpectation::required, .must_refuse = {"anonymous"}});
  slot.door.mode = DoorMode::open;
  slot.door.knocks["anonymous"] = {KnockAnswer::admitted, today};
  EXPECT_THAT(alerts(slot), ElementsAre("MtlsDoorNotEnforced", "MtlsHostnameMismatch"));
  EXPECT_TRUE(standing(slot, today).cause.starts_with("Strangers get in: ")) << standing(slot, today).cause;
}

TEST(Alerts, WhatExpiredIsNotInvalidToo) {
  Handshake probe = a_good_probe();
  probe.certificates = {a_certificate("payments.internal", -2)};
  probe.chain = a_judgement(false, {{.finding = Finding::expired, .severity = Severity::critical}});
  EXPECT_THAT(alerts(a_slot(probe)), ElementsAre("MtlsCertificateExpired"));
  probe.certificates = {a_certificate("payments.internal", 90)};
  EXPECT_THAT(alerts(a_slot(probe)), ElementsAre("MtlsAuthorityExpired"));
  probe.chain = a_judgement(false, {{.finding = Finding::untrusted_root, .severity = Severity::critical}});
  EXPECT_THAT(alerts(a_slot(probe)), ElementsAre("MtlsChainInvalid"));
}

TEST(Alerts, WhatNoOtherSaysIsAnExpectation) {
  EXPECT_THAT(alerts(a_slot(a_failed_probe(Stage::application, Reason::http_status))), ElementsAre("MtlsExpectationBroken"));
}

}  // namespace
}  // namespace exporter::api
