#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

TEST(Imap, AsksForStarttlsWhereItIsOffered) {
  ScriptedStream server({"* OK ready\r\n", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK done\r\n", "a2 OK begin\r\n"});
  EXPECT_EQ(run(imap_starttls(server, nobody)).result, Result::agreed);
  EXPECT_EQ(server.written, "a1 CAPABILITY\r\na2 STARTTLS\r\n");
}

TEST(Imap, ReportsWhyThereIsNoTls) {
  ScriptedStream without({"* OK ready\r\n", "* CAPABILITY IMAP4rev1\r\na1 OK done\r\n"});
  EXPECT_EQ(run(imap_starttls(without, nobody)).result, Result::refused);
  ScriptedStream known({"* PREAUTH welcome back\r\n"});
  EXPECT_EQ(run(imap_starttls(known, nobody)).result, Result::refused);
  ScriptedStream full({"* BYE too many\r\n"});
  EXPECT_EQ(run(imap_starttls(full, nobody)).said, "BYE too many");
  ScriptedStream pop3({"+OK ready\r\n"});
  EXPECT_EQ(run(imap_starttls(pop3, nobody)).result, Result::malformed);
}

TEST(Imap, WithoutALoginNothingButARefusalIsSettled) {
  ScriptedStream server({"* CAPABILITY IMAP4rev1\r\na3 OK done\r\n"});
  const Answer answer = run(imap_ask(server, nobody));
  EXPECT_TRUE(answer.answered && !answer.settles && !answer.refuses);
}

TEST(Imap, ALoginShowsWhetherTheCertificateIsTheTrouble) {
  const Question question{.user = "some\"body"};
  ScriptedStream strict({"a3 NO [ALERT] Client didn't present valid SSL certificate\r\n"});
  EXPECT_TRUE(run(imap_ask(strict, question)).refuses);
  EXPECT_EQ(strict.written, "a3 LOGIN \"some\\\"body\" \"\"\r\n");
  ScriptedStream wrong_password({"a3 NO [AUTHENTICATIONFAILED] no\r\n"});
  const Answer answer = run(imap_ask(wrong_password, question));
  EXPECT_TRUE(answer.answered && answer.settles && !answer.refuses);
}

}  // namespace
}  // namespace probes::protocols
