// A part of the estate, its tables as CSV, and what expires as a calendar.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exporter/api/estate_json.h"
#include "exporter/api/expiries_ics.h"
#include "exporter/api/table_csv.h"
#include "tests/support/an_estate.h"

namespace exporter::api {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Documents : public testing::Test {
 protected:
  Documents() {
    config::Settings settings =
        settings_of({a_target("payments", a_module(), {{"owner", "team-a"}}), a_target("ledger", a_module())});
    settings.identities["client"] = {.name = "client"};
    estate_.adopt(settings);
    estate_.record({"payments", "service-a"}, a_good_probe());
    estate_.record({"ledger", "service-a"}, a_failed_probe(Stage::connect, Reason::refused));
    estate_.set_identity(
        {.name = "client", .labels = {}, .certificates = {a_certificate(hostile, 10)}, .chain = nullptr, .problems = {}});
  }
  json part(const std::multimap<std::string, std::string>& query) const {
    return json::parse(estate_json(estate_, today, std::get<Filter>(filter_of(query))));
  }

  const std::string hostile = "=HYPERLINK(\"http://x\"),;\\\r\nBEGIN:VEVENT";
  Estate estate_;
};

TEST_F(Documents, ALabelAStateAndASourceChooseAPart) {
  EXPECT_EQ(part({{"label", "owner=team-a"}})["watches"].size(), 1u);
  EXPECT_EQ(part({{"label", "owner=team-a"}})["identities"].size(), 0u);
  EXPECT_EQ(part({{"state", "failed"}})["watches"][0]["target"], "ledger");
  EXPECT_EQ(part({{"state", "failed"}})["counts"]["good"], 0);
  EXPECT_EQ(part({{"source", "identity"}})["watches"].size(), 0u);
  EXPECT_EQ(part({{"source", "identity"}})["identities"].size(), 1u);
}

TEST_F(Documents, AStateChoosesAmongAllKindsAndIsCountedByKind) {
  const json failed = part({{"state", "failed"}});
  EXPECT_EQ(failed["watches"].size(), 1u);
  EXPECT_EQ(failed["identities"][0]["identity"], "client") << "it is not usable";
  EXPECT_EQ(failed["counts_by_kind"]["identity"]["failed"], 1);
  EXPECT_EQ(failed["counts_by_kind"]["server"], failed["counts"]);
  EXPECT_EQ(part({{"state", "good"}})["identities"].size(), 0u);
}

TEST_F(Documents, TheTargetsThatLetStrangersInAreNamedOnce) {
  EXPECT_EQ(part({})["strangers_get_in"], json::array());
  estate_.record_knock({"payments", "service-a"}, "anonymous", {KnockAnswer::admitted, false}, today);
  estate_.record_knock({"payments", "service-a"}, "rogue", {KnockAnswer::admitted, false}, today);
  EXPECT_EQ(part({})["strangers_get_in"], json({"payments"}));
  EXPECT_EQ(part({{"label", "owner=team-b"}})["strangers_get_in"], json::array());
}

TEST_F(Documents, ACalendarIsOfWhatTheFilterLeavesAndLeadsBack) {
  const auto filter = [](const char* label) { return std::get<Filter>(filter_of({{"label", label}})); };
  const std::string of_a_team = expiries_ics(estate_, today, filter("owner=team-a"), "https://certs.example/x");
  EXPECT_THAT(of_a_team, HasSubstr("URL:https://certs.example/x/#/watch/payments\r\n"));
  EXPECT_THAT(of_a_team, Not(HasSubstr("HYPERLINK"))) << "the identity is of no team";
  EXPECT_THAT(expiries_ics(estate_, today, filter("owner=nobody")), Not(HasSubstr("BEGIN:VEVENT")));
  EXPECT_THAT(expiries_ics(estate_, today), Not(HasSubstr("URL:")));
}

TEST(Filter, WhatIsWrongWithAQueryIsSaid) {
  for (const auto& query : {std::multimap<std::string, std::string>{{"label", "owner"}},
                            {{"label", "=x"}},
                            {{"state", "bad"}},
                            {{"source", "disk"}},
                            {{"stat", "failed"}}})
    EXPECT_TRUE(std::holds_alternative<std::string>(filter_of(query))) << query.begin()->second;
}

TEST_F(Documents, EveryTableHasItsHeadingAndARowForEach) {
  const auto table = [&](const char* name) { return table_csv(estate_, name, today, {}).value(); };
  EXPECT_THAT(table("watches"), StartsWith("target,identity,endpoint,module,labels,state,"));
  EXPECT_THAT(table("watches"), HasSubstr("\r\npayments,service-a,192.0.2.1:8443,mtls_https,owner=team-a,good,"));
  for (const char* name : {"identities", "trust", "sources", "callers", "discoveries", "expiries", "issuers", "rotations"})
    EXPECT_THAT(table(name), HasSubstr("\r\n")) << name;
  EXPECT_FALSE(table_csv(estate_, "secrets", today, {}));
}

TEST_F(Documents, NoCellOfATableIsAFormula) {
  const std::string table = table_csv(estate_, "identities", today, {}).value();
  EXPECT_THAT(table, HasSubstr("\"'=HYPERLINK("));
  EXPECT_THAT(table, Not(HasSubstr(",=")));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 2);
}

// Every line of a calendar is short, ends in CRLF, and holds nothing that a certificate could break out with.
TEST_F(Documents, TheCalendarIsWholeWhateverACertificateSays) {
  const std::string calendar = expiries_ics(estate_, today);
  EXPECT_THAT(calendar, StartsWith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
  EXPECT_THAT(calendar, HasSubstr("DTSTART:20261111T000000Z\r\n"));
  EXPECT_THAT(calendar, HasSubstr("SUMMARY:=HYPERLINK(\"http://x\")\\,\\;\\\\"));
  std::size_t events = 0;
  for (std::size_t from = 0, to; (to = calendar.find("\r\n", from)) != std::string::npos; from = to + 2) {
    const std::string line = calendar.substr(from, to - from);
    EXPECT_LE(line.size(), 75u) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos);
    events += line == "BEGIN:VEVENT";
  }
  EXPECT_EQ(events, static_cast<std::size_t>(part({})["expiries_total"].get<int>()));
}

TEST(IcsLine, FoldsBetweenCharactersAndNotWithin) {
  std::string umlauts;
  for (int number = 0; number < 100; ++number) umlauts += "\xc3\xa4";
  const std::string line = ics_line("SUMMARY", umlauts);
  std::string unfolded;
  for (std::size_t from = 0, to; (to = line.find("\r\n", from)) != std::string::npos; from = to + 2) {
    const std::string part = line.substr(from, to - from);
    EXPECT_LE(part.size(), 75u);
    EXPECT_NE(static_cast<unsigned char>(part.back()), 0xC3);
    unfolded += from == 0 ? part : part.substr(1);
  }
  EXPECT_EQ(unfolded, "SUMMARY:" + umlauts);
}

}  // namespace
}  // namespace exporter::api
