#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

TEST(Pop3, AsksForTls) {
  ScriptedStream server({"+OK ready\r\n", "+OK begin\r\n"});
  EXPECT_EQ(run(pop3_starttls(server, nobody)).result, Result::agreed);
  ScriptedStream without({"+OK ready\r\n", "-ERR no\r\n"});
  EXPECT_EQ(run(pop3_starttls(without, nobody)).result, Result::refused);
  ScriptedStream imap({"* OK ready\r\n"});
  EXPECT_EQ(run(pop3_starttls(imap, nobody)).result, Result::malformed);
}

TEST(Pop3, ALoginShowsWhetherTheCertificateIsTheTrouble) {
  ScriptedStream strict({"-ERR Client didn't present valid SSL certificate\r\n"});
  EXPECT_TRUE(run(pop3_ask(strict, Question{.user = "somebody"})).refuses);
  ScriptedStream wrong_password({"+OK\r\n", "-ERR [AUTH] no\r\n"});
  const Answer answer = run(pop3_ask(wrong_password, Question{.user = "somebody"}));
  EXPECT_TRUE(answer.answered && answer.settles && !answer.refuses);
  ScriptedStream server({"+OK list\r\n"});
  EXPECT_FALSE(run(pop3_ask(server, nobody)).settles);
}

}  // namespace
}  // namespace probes::protocols
