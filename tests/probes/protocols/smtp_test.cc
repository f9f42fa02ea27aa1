#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

TEST(Smtp, AsksForStarttlsWhereItIsOffered) {
  ScriptedStream server(
      {"220-mail.lab\r\n220 ready\r\n", "250-mail.lab\r\n250-PIPELINING\r\n250 starttls\r\n", "220 go ahead\r\n"});
  EXPECT_EQ(run(smtp_starttls(server, Question{.client = "::1"})).result, Result::agreed);
  EXPECT_EQ(server.written, "EHLO [IPv6:::1]\r\nSTARTTLS\r\n");
}

TEST(Smtp, ReportsAServerThatDoesNotOfferStarttls) {
  ScriptedStream server({"220 ready\r\n", "250-mail.lab\r\n250 XSTARTTLS\r\n"});
  EXPECT_EQ(run(smtp_starttls(server, nobody)).result, Result::refused);
}

TEST(Smtp, ReportsWhatTheServerSaidWhenItRefuses) {
  ScriptedStream busy({"421 too many connections\r\n"});
  const Upgrade upgrade = run(smtp_starttls(busy, nobody));
  EXPECT_EQ(upgrade.result, Result::refused);
  EXPECT_EQ(upgrade.said, "421 too many connections");
  ScriptedStream no_key({"220 ready\r\n", "250 STARTTLS\r\n", "454 TLS not available\r\n"});
  EXPECT_EQ(run(smtp_starttls(no_key, nobody)).result, Result::refused);
}

TEST(Smtp, ALoginFirstIsAReasonOfItsOwn) {
  ScriptedStream server({"220 ready\r\n", "250 STARTTLS\r\n", "530 Authentication required\r\n"});
  EXPECT_EQ(run(smtp_starttls(server, nobody)).result, Result::needs_authentication);
}

TEST(Smtp, WhatComesInTheClearAfterTheConsentIsNotPassedOver) {
  ScriptedStream server({"220 ready\r\n", "250 STARTTLS\r\n", "220 go ahead\r\n250 injected\r\n"});
  EXPECT_EQ(run(smtp_starttls(server, nobody)).result, Result::plaintext_left);
}

TEST(Smtp, AnotherProtocolIsMalformed) {
  ScriptedStream ssh({"SSH-2.0-OpenSSH_9.2\r\n"});
  EXPECT_EQ(run(smtp_starttls(ssh, nobody)).result, Result::malformed);
  ScriptedStream endless({std::string(Reader::line_limit + 2, 'x')});
  EXPECT_EQ(run(smtp_starttls(endless, nobody)).result, Result::malformed);
}

TEST(Smtp, RepliesWithoutEndAreMalformed) {
  std::string lines;
  while (lines.size() < Reader::dialogue_limit + 100) lines += "220-more\r\n";
  ScriptedStream server({lines});
  EXPECT_EQ(run(smtp_starttls(server, nobody)).result, Result::malformed);
}

TEST(Smtp, AServerThatHangsUpEndsTheDialogue) {
  ScriptedStream server({"220 rea"}, net::End::reset);
  const Upgrade upgrade = run(smtp_starttls(server, nobody));
  EXPECT_EQ(upgrade.result, Result::ended);
  EXPECT_EQ(upgrade.end, net::End::reset);
}

TEST(Smtp, ReadsAReplyThatComesByteByByte) {
  std::deque<std::string> bytes;
  for (const char c : std::string("220 ready\r\n")) bytes.emplace_back(1, c);
  for (const char c : std::string("250 STARTTLS\n")) bytes.emplace_back(1, c);
  for (const char c : std::string("220\r\n")) bytes.emplace_back(1, c);
  ScriptedStream server(bytes);
  EXPECT_EQ(run(smtp_starttls(server, nobody)).result, Result::agreed);
}

TEST(Smtp, AnAnswerAfterTlsLetsUsInUnlessItSpeaksOfTheCertificate) {
  ScriptedStream server({"250 mail.lab\r\n"});
  const Answer in = run(smtp_ask(server, nobody));
  EXPECT_TRUE(in.answered && in.settles && !in.refuses);
  ScriptedStream strict({"554 5.7.1 No client certificate was presented\r\n"});
  EXPECT_TRUE(run(smtp_ask(strict, nobody)).refuses);
  ScriptedStream full({"421 too busy\r\n"});
  const Answer busy = run(smtp_ask(full, nobody));
  EXPECT_TRUE(busy.answered && !busy.refuses);
}

TEST(Lmtp, GreetsWithLhlo) {
  ScriptedStream server({"220 ready\r\n", "250 STARTTLS\r\n", "220 go ahead\r\n"});
  EXPECT_EQ(run(lmtp_starttls(server, Question{.client = "127.0.0.1"})).result, Result::agreed);
  EXPECT_EQ(server.written, "LHLO [127.0.0.1]\r\nSTARTTLS\r\n");
}

}  // namespace
}  // namespace probes::protocols
