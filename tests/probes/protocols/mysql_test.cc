#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

std::string packet(const std::string& body, char sequence) {
  return std::string(1, static_cast<char>(body.size())) + '\0' + '\0' + sequence + body;
}

std::string greeting(char flags) {
  return packet(
      "\x0a"
      "11.4" +
          std::string(1, '\0') + std::string(4, 't') + std::string(8, 's') + '\0' + '\0' + flags + std::string(20, '\0'),
      0);
}

const Question somebody{.user = "app"};

TEST(Mysql, AsksForTlsWhereItIsOffered) {
  ScriptedStream server({greeting('\x08')});
  EXPECT_EQ(run(mysql_starttls(server, nobody)).result, Result::agreed);
  EXPECT_EQ(server.written.size(), 36U);
  ScriptedStream off({greeting('\0')});
  EXPECT_EQ(run(mysql_starttls(off, nobody)).result, Result::refused);
}

TEST(Mysql, ReportsWhyItIsRefused) {
  ScriptedStream blocked({packet("\xff\x69\x04Host is blocked", 0)});
  const Upgrade upgrade = run(mysql_starttls(blocked, nobody));
  EXPECT_EQ(upgrade.result, Result::refused);
  EXPECT_EQ(upgrade.said, "1129 Host is blocked");
  ScriptedStream other({"220 ready\r\n"});
  EXPECT_EQ(run(mysql_starttls(other, nobody)).result, Result::malformed);
  ScriptedStream eager({greeting('\x08') + "more"});
  EXPECT_EQ(run(mysql_starttls(eager, nobody)).result, Result::plaintext_left);
}

TEST(Mysql, ALoginShowsWhetherWeAreLetIn) {
  ScriptedStream in({packet(std::string("\0\0\0\x02\0\0\0", 7), 3)});
  const Answer welcome = run(mysql_ask(in, somebody));
  EXPECT_TRUE(welcome.answered && !welcome.refuses);
  ScriptedStream out({packet("\xff\x15\x04#28000Access denied", 3)});
  const Answer denied = run(mysql_ask(out, somebody));
  EXPECT_TRUE(denied.refuses);
  EXPECT_EQ(denied.text, "1045 Access denied");
  ScriptedStream full({packet("\xff\x10\x04#08004Too many connections", 3)});
  EXPECT_FALSE(run(mysql_ask(full, somebody)).refuses);
}

TEST(Mysql, AnotherPluginIsAnsweredWithoutAPassword) {
  ScriptedStream server({packet("\xfe"
                                "caching_sha2_password",
                                3),
                         packet("\xff\x15\x04#28000no", 5)});
  EXPECT_TRUE(run(mysql_ask(server, somebody)).refuses);
  EXPECT_EQ(server.written.substr(server.written.size() - 4), std::string("\0\0\0\x04", 4));
}

TEST(Mysql, AServerThatAsksForEverIsLeft) {
  ScriptedStream server(std::deque<std::string>(10, packet("\x01", 3)));
  EXPECT_TRUE(run(mysql_ask(server, somebody)).malformed);
}

}  // namespace
}  // namespace probes::protocols
