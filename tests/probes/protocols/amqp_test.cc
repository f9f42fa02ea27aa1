#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;

TEST(Amqp, ConnectionStartIsAnAnswer) {
  ScriptedStream server({std::string("\x01\0\0\0\0\x01\xf0\0\x0a\0\x0a\0\x09", 13)});
  EXPECT_TRUE(run(amqp_ask(server, nobody)).answered);
  ScriptedStream newer({std::string("AMQP\x03\x01\0\0", 8)});
  EXPECT_TRUE(run(amqp_ask(newer, nobody)).answered);
  ScriptedStream other({"HTTP/1.1 400 Bad Request\r\n"});
  EXPECT_TRUE(run(amqp_ask(other, nobody)).malformed);
}

}  // namespace
}  // namespace probes::protocols
