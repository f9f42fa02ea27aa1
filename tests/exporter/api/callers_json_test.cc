#include "exporter/api/callers_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exporter/api/estate_json.h"
#include "tests/support/an_estate.h"

namespace exporter::api {
namespace {

using namespace ::tests::support;
using nlohmann::json;

// A door with a caller that still calls, and one that does not.
void fill(Estate& estate) {
  config::Settings settings = settings_of({});
  settings.callers["gateway"].name = "gateway";
  estate.adopt(settings);
  auto found = std::make_shared<CallersFound>();
  found->callers = {std::make_shared<const Caller>(Caller{.fingerprint = "ab",
                                                          .state = CallerState::expiring,
                                                          .first_seen = today - std::chrono::hours(48),
                                                          .last_seen = today,
                                                          .calls_until = today + std::chrono::hours(24),
                                                          .accepted = 3,
                                                          .server = "api\n",
                                                          .addresses = {"192.0.2.1"}}),
                    std::make_shared<const Caller>(Caller{.state = CallerState::valid, .calls_until = today})};
  found->counts[static_cast<std::size_t>(CallerState::expiring)] = 1;
  SourceSlot slot{.key = {SourceKind::caller, "gateway"}, .labels = {{"owner", "web"}}, .up = true, .certificates = 2};
  slot.published = {{.place = probes::observations::Location("gateway"), .certificate = a_certificate("billing", 5)},
                    {.place = probes::observations::Location("gateway"), .certificate = a_certificate("silent", 6)}};
  slot.callers = found;
  estate.set_source(std::move(slot));
}

TEST(CallersJson, SaysWhoCalls) {
  Estate estate;
  fill(estate);
  const json all = json::parse(callers_json(estate, today));
  ASSERT_EQ(all["callers"].size(), 2u);
  const json& first = all["callers"][0];
  EXPECT_EQ(first["door"], "gateway");
  EXPECT_EQ(first["subject_cn"], "billing");
  EXPECT_EQ(first["state"], "expiring");
  EXPECT_EQ(first["calling"], true);
  EXPECT_EQ(first["standing"], "attention");
  EXPECT_EQ(first["expiry_severity"], "warning");
  EXPECT_EQ(first["accepted"], 3);
  EXPECT_EQ(first["addresses"], json::array({"192.0.2.1"}));
  EXPECT_EQ(first["server"], "api\xEF\xBF\xBD");
  EXPECT_EQ(first["expiry_days"], 5.0);
  EXPECT_EQ(first["labels"], json({{"owner", "web"}}));
  EXPECT_EQ(all["callers"][1]["calling"], false);
}

TEST(CallersJson, AFilterLeavesSome) {
  Estate estate;
  fill(estate);
  const auto left = [&](const char* name, const char* value) {
    return json::parse(callers_json(estate, today, std::get<Filter>(filter_of({{name, value}}))))["callers"].size();
  };
  EXPECT_EQ(left("label", "owner=web"), 2u);
  EXPECT_EQ(left("label", "owner=mail"), 0u);
  EXPECT_EQ(left("state", "attention"), 1u);
  EXPECT_EQ(left("source", "server"), 0u);
}

TEST(CallersJson, TheEstateHasThemAndTheirCounts) {
  Estate estate;
  fill(estate);
  const json all = json::parse(estate_json(estate, today));
  EXPECT_EQ(all["callers"].size(), 2u);
  EXPECT_EQ(all["sources"][0]["source"], "caller");
  EXPECT_EQ(all["sources"][0]["states"]["expiring"], 1);
  // What a silent caller's certificate does at its end is nobody's concern.
  ASSERT_EQ(all["expiries"].size(), 1u);
  EXPECT_EQ(all["expiries"][0]["subject_cn"], "billing");
}

}  // namespace
}  // namespace exporter::api
