#include "exporter/explain/report_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/an_account.h"

namespace exporter::explain {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using nlohmann::json;

json report(const std::vector<Account>& accounts) { return json::parse(report_json(accounts)); }

TEST(ReportJson, HasEveryFieldOfTheObservation) {
  const json probe = report({account_of(an_asking(), a_trusted_probe())})["probes"][0];
  EXPECT_EQ(probe["target"], "payments-api");
  EXPECT_EQ(probe["address"], "payments.internal:8443");
  EXPECT_EQ(probe["identity"], "service-a");
  EXPECT_EQ(probe["trust"], "internal");
  EXPECT_EQ(probe["judged_at"], "2026-11-01T00:00:00Z");
  EXPECT_EQ(probe["finished"], "2026-11-01T00:00:00Z");
  EXPECT_EQ(probe["duration_seconds"], 0.025);
  EXPECT_EQ(probe["phase_seconds"]["handshake"], 0.004);
  EXPECT_EQ(probe["endpoint"], "192.0.2.1:8443");
  EXPECT_EQ(probe["failure"], nullptr);
  EXPECT_EQ(probe["negotiated"]["version"], "TLSv1.3");
  EXPECT_EQ(probe["certificates"].size(), 3u);
  EXPECT_EQ(probe["certificates"][0]["subject_alternative_names"],
            json::parse(R"([{"kind": "dns", "value": "payments.internal"}])"));
  EXPECT_EQ(probe["certificates"][1]["not_after"], "2026-12-31T00:00:00Z");
  EXPECT_EQ(probe["chain"]["valid"], true);
  EXPECT_EQ(probe["chain"]["expiry"], "2026-12-31T00:00:00Z");
  EXPECT_EQ(probe["chain"]["path"][2]["subject_common_name"], "Estate CA");
  EXPECT_EQ(probe["chain"]["problems"][0]["finding"], "superfluous");
  EXPECT_EQ(probe["chain"]["problems"][0]["position"], 2);
  EXPECT_EQ(probe["hostname_match"], true);
  EXPECT_EQ(probe["client"]["verdict"], "accepted");
  EXPECT_EQ(probe["client"]["requested"], true);
  EXPECT_EQ(probe["client"]["requested_late"], false);
  EXPECT_EQ(probe["client"]["sent"], true);
  EXPECT_EQ(probe["client"]["issuer_listed"], true);
  EXPECT_EQ(probe["client"]["acceptable"]["names"], json({"CN=Estate CA", "CN=Old Estate CA"}));
  EXPECT_EQ(probe["client"]["acceptable"]["digest"], "00112233aabbccdd");
  EXPECT_EQ(probe["application_status"], 200);
  EXPECT_EQ(probe["presented"][0]["extended_key_usages"], json({"clientAuth"}));
}

TEST(ReportJson, WhatIsNotKnownIsNull) {
  const json probe = report({account_of(an_asking(), a_probe_that_met({Stage::resolve, Reason::name_not_found}))})["probes"][0];
  for (const char* key : {"negotiated", "chain", "hostname_match", "application_status"})
    EXPECT_EQ(probe.at(key), nullptr) << key;
  EXPECT_EQ(probe["client"].at("verdict"), nullptr);
  EXPECT_EQ(probe["failure"]["alert"], nullptr);
}

TEST(ReportJson, AFailureHasItsWordsAndItsAlert) {
  const json probe =
      report({account_of(an_asking(), a_probe_that_met({Stage::client_certificate, Reason::unknown_ca}))})["probes"][0];
  EXPECT_EQ(probe["failure"]["stage"], "client_certificate");
  EXPECT_EQ(probe["failure"]["reason"], "unknown_ca");
  EXPECT_EQ(probe["failure"]["alert"], "unknown_ca");
  EXPECT_EQ(probe["failure"]["alert_number"], 48);
  EXPECT_EQ(probe["broken"], json({"handshake", "client_certificate"}));
}

TEST(ReportJson, IsGoodOnlyWhenAllProbesAre) {
  const Account good = account_of(an_asking(), a_trusted_probe());
  const Account down = account_of(an_asking(), a_probe_that_met({Stage::connect, Reason::refused}));
  EXPECT_EQ(report({good, good})["good"], true);
  EXPECT_EQ(report({good, down})["good"], false);
  EXPECT_EQ(report({good, down})["probes"][1]["good"], false);
}

TEST(ReportJson, SurvivesHostileBytes) {
  Handshake seen = a_trusted_probe();
  CertificateDraft leaf = draft_of(*seen.certificates.front());
  leaf.subject_common_name = "\xFF\"\x1b\n";
  seen.certificates.front() = packed(leaf);
  const std::string text = report_json({account_of(an_asking(), seen)});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(json::parse(text)["probes"][0]["certificates"][0]["subject_common_name"], "\xEF\xBF\xBD\"\x1b\n");
}

}  // namespace
}  // namespace exporter::explain
