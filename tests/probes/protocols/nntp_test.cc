#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

TEST(Nntp, AsksForStarttls) {
  ScriptedStream server({"201 no posting\r\n", "382 continue\r\n"});
  EXPECT_EQ(run(nntp_starttls(server, nobody)).result, Result::agreed);
}

TEST(Nntp, ReportsRefusals) {
  ScriptedStream down({"502 no permission\r\n"});
  EXPECT_EQ(run(nntp_starttls(down, nobody)).result, Result::refused);
  ScriptedStream without({"200 hello\r\n", "580 can not initiate TLS\r\n"});
  EXPECT_EQ(run(nntp_starttls(without, nobody)).result, Result::refused);
  ScriptedStream login({"200 hello\r\n", "480 log in first\r\n"});
  EXPECT_EQ(run(nntp_starttls(login, nobody)).result, Result::needs_authentication);
}

}  // namespace
}  // namespace probes::protocols
