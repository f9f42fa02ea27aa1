#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

TEST(Irc, AsksForStarttls) {
  ScriptedStream server({":irc.lab NOTICE * :*** Looking up\r\n:irc.lab 670 * :STARTTLS successful\r\n"});
  EXPECT_EQ(run(irc_starttls(server, nobody)).result, Result::agreed);
  ScriptedStream without({":irc.lab 421 * STARTTLS :Unknown command\r\n"});
  EXPECT_EQ(run(irc_starttls(without, nobody)).result, Result::refused);
  ScriptedStream late({":irc.lab 451 * :You have not registered\r\n"});
  EXPECT_EQ(run(irc_starttls(late, nobody)).result, Result::needs_authentication);
  ScriptedStream http({"HTTP/1.1 400 Bad Request\r\n"});
  EXPECT_EQ(run(irc_starttls(http, nobody)).result, Result::malformed);
}

TEST(Irc, NoticesAreNoAnswer) {
  ScriptedStream server({":irc.lab NOTICE * :wait\r\n"}, net::End::too_late);
  EXPECT_FALSE(run(irc_ask(server, nobody)).answered);
  ScriptedStream ready({":irc.lab 451 * PING :You have not registered\r\n"});
  EXPECT_TRUE(run(irc_ask(ready, nobody)).answered);
}

}  // namespace
}  // namespace probes::protocols
