// What the estate comes to in a few numbers.
#include "exporter/telemetry/summary.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/an_estate.h"

namespace exporter::telemetry {
namespace {

using namespace probes::observations;
using namespace ::tests::support;

// "name{a,b}" -> value.
std::map<std::string, double> values(const Estate& estate) {
  std::map<std::string, double> found;
  for (const auto& family : summary(estate, today)) {
    for (const auto& metric : family.metric) {
      std::string name = family.name + "{";
      for (const auto& label : metric.label) name += (name.back() == '{' ? "" : ",") + label.value;
      found[name + "}"] = metric.gauge.value;
    }
  }
  return found;
}

// The fingerprint tells certificates apart.
CertificatePtr another(const std::string& name, int days_left) {
  CertificateDraft draft = draft_of(*a_certificate(name, days_left));
  draft.fingerprint_sha256 = name;
  return packed(draft);
}

TEST(Summary, AnEmptyEstateHasEveryWordAtZeroAndNoExpiry) {
  const auto found = values(Estate());
  EXPECT_EQ(found.at("mtls_estate_certificates{server,expiring}"), 0);
  EXPECT_EQ(found.at("mtls_estate_certificates{authority,superseded}"), 0);
  EXPECT_EQ(found.at("mtls_estate_handshake_failures{client_certificate,unknown_ca}"), 0);
  EXPECT_EQ(found.at("mtls_estate_doors{open}"), 0);
  EXPECT_EQ(found.at("mtls_estate_chains{file,false}"), 0);
  EXPECT_FALSE(found.contains("mtls_estate_soonest_expiry_days{server}"));
}

TEST(Summary, ACertificateThatManyServersSendIsOne) {
  Estate estate;
  estate.adopt(settings_of({a_target("a", a_module()), a_target("b", a_module())}));
  const auto before = values(estate);
  estate.record({"a", "service-a"}, a_good_probe());
  const auto one = values(estate);
  estate.record({"b", "service-a"}, a_good_probe());
  const auto two = values(estate);
  EXPECT_EQ(one.at("mtls_estate_certificates{server,valid}"), two.at("mtls_estate_certificates{server,valid}"));
  EXPECT_GT(one.at("mtls_estate_certificates{server,valid}"), before.at("mtls_estate_certificates{server,valid}"));
  EXPECT_EQ(two.at("mtls_estate_chains{server,true}"), 2);
  EXPECT_EQ(two.at("mtls_estate_soonest_expiry_days{server}"), 60);
}

TEST(Summary, AFailureIsCountedWhileItLasts) {
  Estate estate;
  estate.adopt(settings_of({a_target("a", a_module())}));
  estate.record({"a", "service-a"}, a_failed_probe(Stage::connect, Reason::refused));
  EXPECT_EQ(values(estate).at("mtls_estate_handshake_failures{connect,refused}"), 1);
  estate.record({"a", "service-a"}, a_good_probe());
  EXPECT_EQ(values(estate).at("mtls_estate_handshake_failures{connect,refused}"), 0);
}

// An old truststore with a root that expired years ago is no news; an identity that has expired is.
TEST(Summary, WhatHasExpiredCountsAsSoonestOnlyWhereItIsInUse) {
  Estate estate;
  config::Settings settings = settings_of({});
  settings.identities["client"] = {.name = "client"};
  settings.trust["old"] = {.name = "old"};
  estate.adopt(settings);
  estate.set_trust({.name = "old",
                    .labels = {},
                    .certificates = {another("ended", -1885), another("root", 400)},
                    .errors = {},
                    .problems = {},
                    .revocation_lists = {}});
  estate.set_identity(
      {.name = "client", .labels = {}, .certificates = {a_certificate("client", -3)}, .chain = nullptr, .problems = {}});
  const auto found = values(estate);
  EXPECT_EQ(found.at("mtls_estate_soonest_expiry_days{trust}"), 400);
  EXPECT_EQ(found.at("mtls_estate_certificates{trust,expired}"), 1);
  EXPECT_EQ(found.at("mtls_estate_soonest_expiry_days{identity}"), -3);
}

// What certbot keeps in its archive is no news: its successor lies beside it.
TEST(Summary, WhatWasSupersededNeitherExpiresNorIsSoonest) {
  Estate estate;
  config::Settings settings = settings_of({});
  settings.files["web"] = {.name = "web"};
  estate.adopt(settings);
  const auto replaced = std::make_shared<const std::vector<Problem>>(
      std::vector<Problem>{{.finding = Finding::superseded, .severity = Severity::info, .position = 0}});
  SourceSlot slot{.key = {SourceKind::file, "web"}, .labels = {}, .up = true, .errors = {}, .published = {}};
  slot.published.push_back({.place = Location("a"), .certificate = another("old", 5), .chain = nullptr, .problems = replaced});
  slot.published.push_back({.place = Location("b"), .certificate = another("new", 80), .chain = nullptr, .problems = nullptr});
  estate.set_source(std::move(slot));
  const auto found = values(estate);
  EXPECT_EQ(found.at("mtls_estate_certificates{file,superseded}"), 1);
  EXPECT_EQ(found.at("mtls_estate_certificates{file,expiring}"), 0);
  EXPECT_EQ(found.at("mtls_estate_soonest_expiry_days{file}"), 80);
}

TEST(Summary, OfAnAuthorityItsDatabasesStatesAreCounted) {
  Estate estate;
  config::Settings settings = settings_of({});
  settings.authorities["vpn"] = {.name = "vpn"};
  estate.adopt(settings);
  SourceSlot slot{.key = {SourceKind::authority, "vpn"}, .labels = {}, .up = true, .errors = {}, .published = {}};
  slot.states = {{5, 4, 0, 3, 2, 1}};
  slot.published.push_back(
      {.place = Location("vpn"), .certificate = a_certificate("laptop", 10), .chain = nullptr, .problems = nullptr});
  estate.set_source(std::move(slot));
  const auto found = values(estate);
  EXPECT_EQ(found.at("mtls_estate_certificates{authority,valid}"), 5);
  EXPECT_EQ(found.at("mtls_estate_certificates{authority,revoked}"), 1);
  EXPECT_EQ(found.at("mtls_estate_soonest_expiry_days{authority}"), 10);
}

}  // namespace
}  // namespace exporter::telemetry
