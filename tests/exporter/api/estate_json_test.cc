#include "exporter/api/estate_json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "config/utf8.h"
#include "tests/support/an_estate.h"

namespace exporter::api {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using nlohmann::json;

const WatchKey payments{"payments-api", "service-a"};

struct EstateOfOne {
  explicit EstateOfOne(Handshake last) : EstateOfOne() { estate.record(payments, std::move(last)); }
  EstateOfOne() { estate.adopt(settings_of({a_target("payments-api", a_module(), {{"owner", "team-a"}})})); }
  json list() const { return json::parse(estate_json(estate, today)); }
  json line() const { return list()["watches"][0]; }
  json account() const { return json::parse(target_json(estate, "payments-api", today).value())["watches"][0]; }
  Estate estate;
};

TEST(EstateJson, SaysOfAGoodWatchWhatTheTableShows) {
  const json line = EstateOfOne(a_good_probe()).line();
  EXPECT_EQ(line["target"], "payments-api");
  EXPECT_EQ(line["identity"], "service-a");
  EXPECT_EQ(line["endpoint"], "192.0.2.1:8443");
  EXPECT_EQ(line["module"], "mtls_https");
  EXPECT_EQ(line["labels"], json({{"owner", "team-a"}}));
  EXPECT_EQ(line["state"], "good");
  EXPECT_EQ(line["cause"], "");
  EXPECT_EQ(line["expectation_failed"], json::array());
  EXPECT_EQ(line["expiry"], "2026-12-31T00:00:00Z");
  EXPECT_EQ(line["expiry_days"], 60.0);
  EXPECT_EQ(line["stage"], nullptr);
  EXPECT_EQ(line["verdict"], "accepted");
  EXPECT_EQ(line["chain_valid"], true);
  EXPECT_EQ(line["chain_complete"], true);
  EXPECT_EQ(line["hostname_match"], true);
  EXPECT_EQ(line["probed"], "2026-11-01T00:00:00Z");
}

// A good probe of a server whose certificates have these dates.
Handshake dated(Date from, Date to) {
  Handshake probe = a_good_probe();
  CertificateDraft leaf = draft_of(*probe.certificates.front());
  leaf.not_before = from;
  leaf.not_after = to;
  probe.certificates = {packed(leaf)};
  ChainJudgement judged = *probe.chain;
  judged.expiry = to ? std::optional(*to) : std::nullopt;
  judged.path = probe.certificates;
  if (!to) judged.problems = {{Finding::unreadable_date, Severity::warning, 0, ""}};
  probe.chain = std::make_shared<const ChainJudgement>(judged);
  return probe;
}

// 99991231235959Z is what devices say that are never to end, and 2262 is where nanoseconds do.
TEST(EstateJson, AnEndBeyondTheNanosecondsIsExactAndFarAway) {
  const std::chrono::sys_seconds first(std::chrono::seconds(-62135596800)), last(std::chrono::seconds(253402300799));
  const EstateOfOne eternal(dated(first, last));
  const json line = eternal.line();
  EXPECT_EQ(line["state"], "good") << line["cause"];
  EXPECT_EQ(line["expiry"], "9999-12-31T23:59:59Z");
  EXPECT_EQ(line["expiry_days"], 2912138.99);
  EXPECT_EQ(line["expiry_unreadable"], false);
  EXPECT_EQ(line["ends_soon"], false);
  EXPECT_EQ(eternal.list()["expiries_total"], 0);
  const json leaf = eternal.account()["received"]["certificates"][0];
  EXPECT_EQ(leaf["not_before"], "0001-01-01T00:00:00Z");
  EXPECT_EQ(leaf["not_after"], "9999-12-31T23:59:59Z");
}

TEST(EstateJson, AnEndLongAgoIsExactAndOver) {
  const std::chrono::sys_seconds first(std::chrono::seconds(-62135596800));
  const EstateOfOne ancient(dated(first, first + std::chrono::seconds(1)));
  EXPECT_EQ(ancient.line()["expiry"], "0001-01-01T00:00:01Z");
  EXPECT_EQ(ancient.line()["ends_soon"], true);
  EXPECT_EQ(ancient.list()["expiries_by_day"][0], 1);
}

TEST(EstateJson, ADateThatCannotBeReadIsNullAndSaidAndHasNotPassed) {
  const EstateOfOne undated(dated({}, {}));
  const json line = undated.line();
  EXPECT_EQ(line["expiry"], nullptr);
  EXPECT_EQ(line["expiry_days"], nullptr);
  EXPECT_EQ(line["expiry_unreadable"], true);
  EXPECT_EQ(line["ends_soon"], false);
  EXPECT_EQ(line["findings"], json({"unreadable_date"}));
  EXPECT_EQ(line["state"], "attention");
  EXPECT_EQ(undated.list()["expiries_total"], 0);
  const json leaf = undated.account()["received"]["certificates"][0];
  EXPECT_EQ(leaf["not_before"], nullptr);
  EXPECT_EQ(leaf["not_after"], nullptr);
}

TEST(EstateJson, OfAChainWithAnEndThatCannotBeReadTheFirstEndIsNotClaimed) {
  CertificateDraft undated = draft_of(*a_certificate("Undated"));
  undated.not_after = {};
  Estate estate;
  config::Settings settings = settings_of({});
  settings.identities["a"] = {.name = "a"};
  settings.trust["t"] = {.name = "t"};
  estate.adopt(settings);
  estate.set_identity({.name = "a", .usable = true, .certificates = {packed(undated), a_certificate("Issuing", 60)}});
  estate.set_trust({.name = "t", .labels = {}, .certificates = {packed(undated), a_certificate("Root", 60)}});
  const json list = json::parse(estate_json(estate, today));
  EXPECT_EQ(list["identities"][0]["expiry"], nullptr) << "it may be the one that cannot be read";
  EXPECT_EQ(list["identities"][0]["expiry_unreadable"], true);
  EXPECT_EQ(list["trust"][0]["expiry_days"], 60.0) << "anchors end each for itself";
  EXPECT_EQ(list["trust"][0]["expiry_unreadable"], true);
}

TEST(EstateJson, SaysOfAFailedWatchWhereWhyAndInPlainWords) {
  const json line = EstateOfOne(a_failed_probe(Stage::connect, Reason::refused)).line();
  EXPECT_EQ(line["state"], "failed");
  EXPECT_EQ(line["stage"], "connect");
  EXPECT_EQ(line["reason"], "refused");
  EXPECT_EQ(line["alert"], nullptr);
  EXPECT_EQ(line["cause_word"], "refused");
  EXPECT_EQ(line["cause"], meaning({Stage::connect, Reason::refused}));
  EXPECT_EQ(line["verdict"], nullptr);
  EXPECT_EQ(line["expectation_failed"], json({"handshake"}));
}

TEST(EstateJson, CountsEveryStateAndListsFailedAndPendingTargetsToo) {
  Estate estate;
  estate.adopt(settings_of({a_target("a", a_module()), a_target("b", a_module()), a_target("c", a_module())}));
  estate.record({"a", "service-a"}, a_good_probe());
  estate.record({"b", "service-a"}, a_failed_probe(Stage::connect, Reason::refused));
  const json list = json::parse(estate_json(estate, today));
  EXPECT_EQ(list["counts"], json({{"failed", 1}, {"attention", 0}, {"pending", 1}, {"good", 1}}));
  ASSERT_EQ(list["watches"].size(), 3u);
  EXPECT_EQ(list["watches"][1]["target"], "b");
  EXPECT_EQ(list["watches"][2]["state"], "pending");
  EXPECT_EQ(list["watches"][2]["cause"], "Not probed yet");
  EXPECT_EQ(list["watches"][2]["probed"], nullptr);
}

TEST(EstateJson, KeepsTheDatesOfACertificateThroughAnOutage) {
  EstateOfOne one(a_good_probe());
  one.estate.record(payments, a_failed_probe(Stage::connect, Reason::refused, today + std::chrono::minutes(1)));
  const json line = one.line();
  EXPECT_EQ(line["expiry_days"], 60.0);
  EXPECT_EQ(line["chain_valid"], nullptr);
}

TEST(EstateJson, ListsEachCertificateThatEndsSoonOnceWithItsPlaces) {
  Estate estate;
  estate.adopt(settings_of({a_target("a", a_module()), a_target("b", a_module())}));
  Handshake probe = a_good_probe();
  probe.certificates = {a_certificate("shared", 10)};
  estate.record({"a", "service-a"}, probe);
  estate.record({"b", "service-a"}, probe);
  const json expiries = json::parse(estate_json(estate, today))["expiries"];
  ASSERT_EQ(expiries.size(), 1u);
  EXPECT_EQ(expiries[0]["subject_cn"], "shared");
  EXPECT_EQ(expiries[0]["expiry_days"], 10.0);
  EXPECT_EQ(expiries[0]["places_total"], 2);
  EXPECT_EQ(expiries[0]["ends_soon"], false) << "more than a quarter of its 40 days is left";
  EXPECT_EQ(expiries[0]["places"][1], json({{"source", "server"}, {"name", "b"}}));
}

TEST(EstateJson, LeavesOutWhatEndsAfterNinetyDays) {
  Handshake probe = a_good_probe();
  probe.certificates = {a_certificate("later", 91)};
  EXPECT_EQ(EstateOfOne(probe).list()["expiries"].size(), 0u);
}

TEST(EstateJson, CountsWhatEndsByDay) {
  const auto days_of = [](int days_left) {
    Handshake probe = a_good_probe();
    probe.certificates = {a_certificate("a", days_left)};
    return EstateOfOne(probe).list()["expiries_by_day"];
  };
  ASSERT_EQ(days_of(91).size(), 91u);
  EXPECT_EQ(days_of(91), json(std::vector<int>(91)));
  EXPECT_EQ(days_of(-1)[0], 1) << "past the end";
  EXPECT_EQ(days_of(0)[1], 1);
  EXPECT_EQ(days_of(89)[90], 1);
  EXPECT_EQ(days_of(90)[90], 1);
}

TEST(EstateJson, ShowsIdentitiesAndTrustStores) {
  EstateOfOne one(a_good_probe());
  one.estate.set_identity({.name = "service-a", .usable = true, .certificates = {a_certificate("service-a", 40)}});
  one.estate.set_trust({.name = "internal", .certificates = {a_certificate("Internal CA", 400)}, .up = true});
  const json list = one.list();
  EXPECT_EQ(list["identities"][0]["identity"], "service-a");
  EXPECT_EQ(list["identities"][0]["usable"], true);
  EXPECT_EQ(list["identities"][0]["expiry_days"], 40.0);
  EXPECT_EQ(list["trust"][0]["name"], "internal");
  EXPECT_EQ(list["trust"][0]["certificates"], 1);
}

TEST(EstateJson, NamesWhatADiscoveryCouldNotFollowWithItsPlace) {
  EstateOfOne one(a_good_probe());
  one.estate.set_discovery({.name = "nginx",
                            .up = true,
                            .targets = 3,
                            .errors = {{SourceReason::not_followed, 1}},
                            .troubles = {{SourceReason::not_followed, "/etc/nginx/nginx.conf", "a variable", 7}},
                            .troubles_total = 2});
  const json discovery = one.list()["discoveries"][0];
  EXPECT_EQ(discovery["name"], "nginx");
  EXPECT_EQ(discovery["targets"], 3);
  EXPECT_EQ(discovery["errors"], json({{"not_followed", 1}}));
  EXPECT_EQ(discovery["troubles"][0],
            json({{"place", "/etc/nginx/nginx.conf"}, {"line", 7}, {"reason", "not_followed"}, {"detail", "a variable"}}));
  EXPECT_EQ(discovery["troubles_total"], 2);
}

TEST(EstateJson, IsValidUtf8WhateverACertificateSays) {
  Handshake probe = a_good_probe();
  CertificateDraft hostile = draft_of(*a_certificate("\xff\xfe<script>alert(1)</script>", 10));
  hostile.subject = "CN=" + std::string(65536, '\xc3');
  hostile.subject_alternative_names = {{SubjectAlternativeName::Kind::dns, std::string("a\0\x1b[31m\xed\xa0\x80", 9)}};
  probe.certificates = {packed(hostile)};
  const EstateOfOne one(probe);
  const std::string list = estate_json(one.estate, today), account = target_json(one.estate, "payments-api", today).value();
  EXPECT_EQ(config::valid_utf8_length(list), list.size());
  EXPECT_EQ(config::valid_utf8_length(account), account.size());
  EXPECT_TRUE(json::accept(list));
  EXPECT_TRUE(json::accept(account));
  EXPECT_LT(list.size(), 4096u) << "the list cuts what is long";
}

TEST(EstateJson, HasALineForEachOfTenThousandWatches) {
  Estate estate;
  std::vector<std::shared_ptr<const config::Target>> targets;
  const auto module = a_module();
  for (int i = 0; i < 10'000; ++i) targets.push_back(a_target("target-" + std::to_string(i), module));
  estate.adopt(settings_of(std::move(targets)));
  for (int i = 0; i < 10'000; ++i) estate.record({"target-" + std::to_string(i), "service-a"}, a_good_probe());
  const std::string text = estate_json(estate, today);
  EXPECT_LT(text.size(), 10'000u * 640);
  const json list = json::parse(text);
  EXPECT_EQ(list["watches"].size(), 10'000u);
  EXPECT_EQ(list["counts"]["good"], 10'000);
}

TEST(EstateJson, CertificatesAtRestStandAmongTheSourcesAndTheExpiries) {
  Estate estate;
  config::Settings settings = settings_of({});
  settings.files["keystores"] = {.name = "keystores", .paths = {"/k"}};
  settings.authorities["vpn"] = {.name = "vpn", .openssl_index = "/index.txt"};
  estate.adopt(settings);
  const RestingCertificate stored{.place = Location("/k/batch.p12", "batch"), .certificate = a_certificate("batch", 20)};
  estate.set_source({.key = {SourceKind::file, "keystores"},
                     .up = true,
                     .certificates = 1,
                     .errors = {{probes::observations::SourceReason::bad_pem, 2}},
                     .published = {stored}});
  CertificateDraft laptop, phone;
  laptop.serial = "01", phone.serial = "02";
  laptop.not_after = phone.not_after = std::chrono::floor<std::chrono::seconds>(today) + std::chrono::days(10);
  SourceSlot vpn{.key = {SourceKind::authority, "vpn"}, .up = true, .certificates = 2};
  for (const CertificateDraft& one : {laptop, phone})
    vpn.published.push_back({.place = Location("vpn"), .certificate = packed(one), .listed_only = true});
  vpn.states.emplace();
  (*vpn.states)[static_cast<std::size_t>(probes::observations::IssuedState::valid)] = 2;
  vpn.published_revocations = {{.only_in_database = 1, .unlisted = {"0A"}, .lists = {"/crl.pem"}}};
  estate.set_source(vpn);
  const json list = json::parse(estate_json(estate, today));
  ASSERT_EQ(list["sources"].size(), 2u);
  for (const json& source : list["sources"]) {
    const bool files = source["source"] == "file";
    EXPECT_EQ(source["name"], files ? "keystores" : "vpn");
    EXPECT_EQ(source["expiry_days"], files ? 20 : 10);
    if (files) EXPECT_EQ(source["errors"]["bad_pem"], 2);
    else EXPECT_EQ(source["states"]["valid"], 2);
    EXPECT_EQ(
        source["revocations_unmatched"],
        files ? json(nullptr) : json({{"only_in_index", 1}, {"only_in_list", 0}, {"unlisted", {"0A"}}, {"lists", {"/crl.pem"}}}));
  }
  ASSERT_EQ(list["expiries"].size(), 3u) << "two serials of one index are two certificates";
  EXPECT_EQ(list["expiries"][2]["places"][0]["name"], "/k/batch.p12#batch");
}

TEST(TargetJson, HasEverythingKnownOfEachOfItsWatches) {
  EstateOfOne one(a_good_probe());
  one.estate.record_knock(payments, "anonymous", {KnockAnswer::refused}, today);
  one.estate.record_knock(payments, "rogue", {KnockAnswer::refused}, today);
  one.estate.set_identity({.name = "service-a", .usable = true, .certificates = {a_certificate("service-a")}});
  const json account = one.account();
  EXPECT_EQ(account["target"], "payments-api");
  EXPECT_EQ(account["address"], "payments.internal:8443");
  EXPECT_EQ(account["trust"], "internal");
  EXPECT_EQ(account["last"]["negotiated"]["version"], "TLSv1.3");
  EXPECT_EQ(account["last"]["client"]["acceptable"]["names"], json({"CN=Internal CA"}));
  EXPECT_EQ(account["received"]["certificates"][0]["fingerprint_sha256"], std::string(64, 'f'));
  EXPECT_EQ(account["knocks"][0]["knock"], "anonymous");
  EXPECT_EQ(account["knocks"][0]["answer"], "refused");
  EXPECT_EQ(account["history"].size(), 1u);
  EXPECT_EQ(account["history"][0]["reason"], nullptr);
  EXPECT_EQ(account["presented"][0]["subject_common_name"], "service-a");
  EXPECT_EQ(account["remedies"], json::array());
}

TEST(TargetJson, AdvisesWhereSomethingIsBroken) {
  const json account = EstateOfOne(a_failed_probe(Stage::connect, Reason::refused)).account();
  ASSERT_GE(account["remedies"].size(), 1u);
  EXPECT_NE(account["remedies"][0].get<std::string>().find("payments-api"), std::string::npos);
  EXPECT_EQ(account["last"]["failure"]["reason"], "refused");
  EXPECT_EQ(account["last_failure"]["reason"], "refused");
}

// The names of every object's fields, but those of observations, which the `probe` command documents by printing them.
void collect(const json& value, std::set<std::string>& names) {
  static const std::set<std::string> elsewhere = {"labels", "errors", "counts", "counts_by_kind", "expiry_severities", "problems",
                                                  "states", "last",   "chain",  "presented",      "last_failure"};
  if (value.is_array())
    for (const json& item : value) collect(item, names);
  if (!value.is_object()) return;
  for (const auto& [name, field] : value.items()) {
    names.insert(name);
    if (!elsewhere.contains(name) && !(name == "certificates" && field.is_array())) collect(field, names);
  }
}

TEST(TargetJson, EveryFieldStandsInTheReadme) {
  EstateOfOne one(a_failed_probe(Stage::connect, Reason::refused));
  Handshake probe = a_good_probe(today + std::chrono::minutes(1));
  probe.certificates = {a_certificate("payments.internal", 10)};
  one.estate.record(payments, probe);
  one.estate.record_knock(payments, "anonymous", {KnockAnswer::refused}, today + std::chrono::minutes(1));
  one.estate.set_identity({.name = "service-a", .usable = true, .certificates = {a_certificate("service-a")}});
  one.estate.set_trust({.name = "internal", .certificates = {a_certificate("Internal CA", 400)}, .up = true});
  one.estate.set_source({.key = {SourceKind::file, "web"}, .up = true});
  std::set<std::string> names;
  collect(one.list(), names);
  collect(one.account(), names);
  EXPECT_GT(names.size(), 50u);
  std::ifstream stream(std::string(MTLS_SOURCE_DIR) + "/docs/api.md");
  const std::string page{std::istreambuf_iterator<char>(stream), {}};
  const std::string table = page.substr(page.find("`/api/v1/estate`, `/api/v1/targets/NAME`"));
  for (const std::string& name : names) EXPECT_NE(table.find("`" + name + "`"), std::string::npos) << name;
}

TEST(TargetJson, KnowsWhichTargetsThereAre) {
  const EstateOfOne one;
  EXPECT_TRUE(target_json(one.estate, "payments-api", today).has_value());
  EXPECT_FALSE(target_json(one.estate, "payments", today).has_value());
}

}  // namespace
}  // namespace exporter::api
