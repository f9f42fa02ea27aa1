#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

std::string response(char operation, char code, const std::string& words = {}) {
  const std::string result =
      std::string("\x0a\x01") + code + std::string("\x04\x00\x04", 3) + static_cast<char>(words.size()) + words;
  const std::string body = std::string("\x02\x01\x01") + operation + static_cast<char>(result.size()) + result;
  return std::string("\x30") + static_cast<char>(body.size()) + body;
}

TEST(Ldap, AsksForStartTls) {
  ScriptedStream server({response(0x78, 0)});
  EXPECT_EQ(run(ldap_starttls(server, nobody)).result, Result::agreed);
  EXPECT_EQ(server.written.size(), 31U);
}

TEST(Ldap, ReportsTheResultCodeAndTheWords) {
  ScriptedStream without({response(0x78, 2, "unsupported extended operation")});
  const Upgrade upgrade = run(ldap_starttls(without, nobody));
  EXPECT_EQ(upgrade.result, Result::refused);
  EXPECT_EQ(upgrade.said, "result code 2: unsupported extended operation");
  ScriptedStream first({response(0x78, 8)});
  EXPECT_EQ(run(ldap_starttls(first, nobody)).result, Result::needs_authentication);
}

TEST(Ldap, WhatIsNoAnswerIsMalformed) {
  for (const std::string& bytes : {std::string("\x30\x00", 2), std::string("\x31\x05hello"), std::string("\x30\x80"),
                                   response(0x61, 0), std::string("\x30\x84\x7f\xff\xff\xff")}) {
    ScriptedStream server({bytes});
    EXPECT_EQ(run(ldap_starttls(server, nobody)).result, Result::malformed);
  }
}

TEST(Ldap, ABindShowsWhetherTheCertificateWasTaken) {
  ScriptedStream taken({response(0x61, 0)}), refused({response(0x61, 49)}), unknown({response(0x61, 7)});
  const Answer in = run(ldap_ask(taken, nobody)), out = run(ldap_ask(refused, nobody)), open = run(ldap_ask(unknown, nobody));
  EXPECT_TRUE(in.settles && !in.refuses);
  EXPECT_TRUE(out.refuses);
  EXPECT_TRUE(open.answered && !open.settles && !open.refuses);
}

}  // namespace
}  // namespace probes::protocols
