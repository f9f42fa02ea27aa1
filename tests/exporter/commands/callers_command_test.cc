#include "exporter/commands/callers_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace exporter {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string answer = R"json({"at":"2026-11-28T12:00:00Z","callers":[
{"door":"gateway","subject_cn":"billing","state":"valid","calling":true,"expiry_days":90.5,"expiry":"2027-02-26T00:00:00Z","last_seen":"2026-11-28T11:59:00Z",
 "first_seen":"2026-11-01T00:00:00Z","accepted":12,"refused":0,"server":"api","addresses":["192.0.2.1","192.0.2.2"],"issuer_cn":"CA","serial":"0a","fingerprint":"ab"},
{"door":"gateway","subject_cn":"=HYPERLINK(\"http://x\",\"y\")","state":"expiring","calling":true,"expiry_days":5,"expiry":"2026-12-03T00:00:00Z","accepted":1,"refused":0},
{"door":"gateway","subject_cn":"old","state":"expired","calling":false,"expiry_days":-3,"accepted":1,"refused":0},
{"door":"edge","subject_cn":"\u001b[31mred","state":"valid","calling":true,"expiry_days":null,"accepted":-1,"refused":0}]
})json";

TEST(ListCallers, AsATableThoseThatEndFirst) {
  const std::string text = listed({}, answer);
  EXPECT_THAT(text, StartsWith("DOOR     CALLER"));
  EXPECT_LT(text.find("old"), text.find("HYPERLINK"));
  EXPECT_LT(text.find("HYPERLINK"), text.find("billing"));
  EXPECT_THAT(text, HasSubstr("expired, silent"));
  EXPECT_THAT(text, HasSubstr("4 callers\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));  // no terminal obeys a subject
}

TEST(ListCallers, OfOneDoorAndOnlyThoseThatEndSoonAndStillCall) {
  EXPECT_THAT(listed({.door = "edge"}, answer), HasSubstr("1 caller\n"));
  const std::string soon = listed({.expiring = 30 * 24h}, answer);
  EXPECT_THAT(soon, HasSubstr("1 caller\n"));
  EXPECT_THAT(soon, HasSubstr("HYPERLINK"));
}

TEST(ListCallers, AsCsvWithoutFormulas) {
  const std::string csv = listed({.format = ListCallers::Format::csv}, answer);
  EXPECT_THAT(csv, StartsWith("door,subject_cn,state,calling,expiry_days,"));
  EXPECT_THAT(csv, HasSubstr("\r\ngateway,billing,valid,true,90.5,2027-02-26T00:00:00Z,"));
  EXPECT_THAT(csv, HasSubstr("\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""));
  EXPECT_THAT(csv, HasSubstr(",192.0.2.1 192.0.2.2,"));
  EXPECT_THAT(csv, HasSubstr(",expired,false,-3,"));  // a number is no formula
}

TEST(ListCallers, AsJson) {
  const std::string json = listed({.door = "gateway", .expiring = 30 * 24h, .format = ListCallers::Format::json}, answer);
  EXPECT_THAT(json, HasSubstr("\"expiry_days\": 5"));
  EXPECT_THAT(json, Not(HasSubstr("billing")));
}

TEST(ListCallers, AnythingElseIsNoAnswer) {
  for (const char* text : {"", "[]", "{}", "{\"callers\":1}", "<html>"})
    EXPECT_THROW((void)listed({}, text), std::runtime_error) << text;
  EXPECT_THAT(listed({}, R"({"callers":[1,{}]})"), HasSubstr("1 caller\n"));
  std::ostringstream out, err;
  EXPECT_EQ(callers_command({.exporter = "http://127.0.0.1:1"}, out, err), 2);
  EXPECT_THAT(err.str(), HasSubstr("cannot be asked"));
}

}  // namespace
}  // namespace exporter
