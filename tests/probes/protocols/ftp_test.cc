#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

TEST(Ftp, AsksForTls) {
  ScriptedStream server({"120 in a minute\r\n220-hello\r\n a line without digits\r\n220 ready\r\n", "234 go ahead\r\n"});
  EXPECT_EQ(run(ftp_starttls(server, nobody)).result, Result::agreed);
  EXPECT_EQ(server.written, "AUTH TLS\r\n");
}

TEST(Ftp, ReportsARefusalAndALoginFirst) {
  ScriptedStream without({"220 ready\r\n", "502 not implemented\r\n"});
  EXPECT_EQ(run(ftp_starttls(without, nobody)).result, Result::refused);
  ScriptedStream login({"220 ready\r\n", "530 log in first\r\n"});
  EXPECT_EQ(run(ftp_starttls(login, nobody)).result, Result::needs_authentication);
}

TEST(Ftp, AskedAfterTlsAnyReplyIsAnAnswer) {
  ScriptedStream server({"530 please log in\r\n"});
  const Answer answer = run(ftp_ask(server, nobody));
  EXPECT_TRUE(answer.answered && !answer.refuses);
}

}  // namespace
}  // namespace probes::protocols
