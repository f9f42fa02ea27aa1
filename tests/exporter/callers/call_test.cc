#include "exporter/callers/call.h"

#include <gtest/gtest.h>

#include "exporter/callers/text_time.h"

namespace exporter::callers {
namespace {

using namespace std::chrono;

const std::string who = R"("fingerprint":"AB:CD:01")";

Result result(const std::string& rest) { return read_call("{" + who + "," + rest + "}").value().result; }

TEST(Call, ReadsWhatALineSays) {
  const auto call = read_call(
      R"(<190>Nov 28 12:00:00 web nginx: {"time":"2026-11-28T13:00:00+01:00","address":"192.0.2.7","server":"api.example",)"
      R"("status":"200","verify":"SUCCESS","subject":"CN=billing,O=Bank","issuer":"CN=CA","serial":"0A1B","not_after":"Dec  3 12:00:00 2026 GMT"})");
  ASSERT_TRUE(call);
  EXPECT_FALSE(call->anonymous);
  EXPECT_EQ(call->address, "192.0.2.7");
  EXPECT_EQ(call->server, "api.example");
  EXPECT_EQ(call->facts.subject, "CN=billing,O=Bank");
  EXPECT_EQ(call->facts.serial, "a1b");
  EXPECT_EQ(*call->facts.not_after, sys_days(2026y / 12 / 3) + 12h);
  EXPECT_EQ(call->time, sys_days(2026y / 11 / 28) + 12h);
  EXPECT_EQ(call->verification, Verification::success);
  EXPECT_EQ(call->result, Result::accepted);
}

// A 403 after a verification is the application's; a 200 without one is a server that does not check.
TEST(Call, IsRefusedForItsCertificateOnly) {
  EXPECT_EQ(result(R"("verify":"SUCCESS","status":403)"), Result::accepted);
  EXPECT_EQ(result(R"("verify":"FAILED:certificate has expired","status":"400")"), Result::refused);
  EXPECT_EQ(result(R"("verify":"FAILED:certificate has expired","status":"200")"), Result::accepted);
  EXPECT_EQ(result(R"("verify":20,"status":403)"), Result::refused);
  EXPECT_EQ(result(R"("verify":10,"handshake":"failed")"), Result::refused);
  EXPECT_EQ(result(R"("verify":"0","handshake":"done")"), Result::accepted);
  EXPECT_EQ(result(R"("status":200)"), Result::accepted);
}

TEST(Call, WhatTheLogDoesNotSayIsNotGuessed) {
  EXPECT_EQ(result(R"("verify":"FAILED:x")"), Result::untold);
  EXPECT_EQ(result(R"("status":404)"), Result::untold);
  EXPECT_EQ(result(R"("status":0)"), Result::untold);
  EXPECT_FALSE(read_call("{" + who + R"(,"time":"yesterday"})")->time);
  EXPECT_EQ(read_call(R"({"issuer":"CN=CA","serial":12})"), std::nullopt);  // decimal or hexadecimal?
}

TEST(Call, WordsAndNumbersOfAVerificationMeanTheSame) {
  const auto verification = [](const std::string& said) {
    return read_call("{" + who + R"(,"verify":")" + said + "\"}")->verification;
  };
  EXPECT_EQ(verification("FAILED:certificate has expired"), Verification::expired);
  EXPECT_EQ(verification("10"), Verification::expired);
  EXPECT_EQ(verification("FAILED:certificate revoked"), Verification::revoked);
  EXPECT_EQ(verification("23"), Verification::revoked);
  EXPECT_EQ(verification("FAILED:self signed certificate in certificate chain"), Verification::unknown_issuer);
  EXPECT_EQ(verification("19"), Verification::unknown_issuer);
  EXPECT_EQ(verification("GENEROUS"), Verification::unknown_issuer);
  EXPECT_EQ(verification("FAILED:unsuitable certificate purpose"), Verification::failed);
  EXPECT_EQ(verification("-"), Verification::untold);
}

TEST(Call, WithoutACertificateIsAnonymous) {
  EXPECT_TRUE(read_call(R"({"verify":"NONE","certificate":"","status":200})")->anonymous);
  EXPECT_TRUE(read_call(R"({"verify":"0","certificate":"-"})")->anonymous);  // haproxy's answer without a certificate
  EXPECT_TRUE(read_call(R"({"verify":"NONE"})")->anonymous);
  EXPECT_FALSE(read_call(R"({"certificate":"-","fingerprint":"ab"})")->anonymous);
}

TEST(Call, OtherLinesTellOfNone) {
  for (const char* line : {"", "{", "}{", "no JSON", "{}", R"(["certificate"])", "{\"certificate\": \"a"})
    EXPECT_FALSE(read_call(line)) << line;
  EXPECT_FALSE(read_call(R"({"status":200})"));
  EXPECT_FALSE(read_call(R"({"verify":"FAILED:x","certificate":""})"));
  EXPECT_FALSE(read_call(R"({"subject":"CN=somebody"})"));
  EXPECT_FALSE(read_call("{" + who + R"(,"server":")" + std::string(line_limit, 'x') + "\"}"));
  EXPECT_FALSE(read_call(std::string(60'000, '[') + "{" + std::string(1000, '{')));
}

// Apache writes \xHH for what does not print; a client may send what is no UTF-8.
TEST(Call, HostileTextIsReadAndStaysText) {
  const auto escaped = read_call(R"({"fingerprint":"ab","subject":"CN=\xc3\xa9 \x1b[31m\"} {","status":200})");
  ASSERT_TRUE(escaped);
  EXPECT_EQ(escaped->facts.subject, "CN=\u00e9 \x1b[31m\"} {");
  const auto bytes = read_call("{\"fingerprint\":\"ab\",\"subject\":\"CN=\xff\t\"}");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->facts.subject, "CN=\xEF\xBF\xBD\t");
}

TEST(TextTime, ReadsTheFormsOfServers) {
  const auto noon = sys_days(2026y / 11 / 28) + 12h;
  for (const char* text :
       {"2026-11-28T12:00:00Z", "2026-11-28T13:00:00+01:00", "2026-11-28T07:30:00-0430", "2026-11-28 12:00:00Z",
        "Nov 28 12:00:00 2026 GMT", "261128120000Z", "20261128120000Z", "1795867200", "1795867200.000"})
    EXPECT_EQ(read_time(text), noon) << text;
  EXPECT_EQ(read_time("2026-11-28T12:00:00.250Z"), noon + 250ms);
  EXPECT_EQ(read_time("1795867200.25"), noon + 250ms);
  EXPECT_EQ(read_time("Dec  3 01:02:03 2026 GMT"), sys_days(2026y / 12 / 3) + 1h + 2min + 3s);
}

TEST(TextTime, NothingElseIsATime) {
  for (const char* text :
       {"", "-", "yesterday", "2026-13-01T00:00:00Z", "2026-11-28T12:00:00", "2026-11-28", "Foo 28 12:00:00 2026 GMT",
        "261128120000", "-5", "99999999999999", "1795867200x", "2026-11-28T25:00:00Z", "Nov"})
    EXPECT_FALSE(read_time(text)) << text;
}

}  // namespace
}  // namespace exporter::callers
