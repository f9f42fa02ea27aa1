#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;

TEST(Redis, NoauthRefusesNoCertificate) {
  ScriptedStream server({"-NOAUTH Authentication required.\r\n"});
  const Answer answer = run(redis_ask(server, nobody));
  EXPECT_TRUE(answer.answered && !answer.refuses);
  ScriptedStream pong({"+PONG\r\n"});
  EXPECT_TRUE(run(redis_ask(pong, nobody)).answered);
  ScriptedStream other({"HTTP/1.1 400\r\n"});
  EXPECT_TRUE(run(redis_ask(other, nobody)).malformed);
}

}  // namespace
}  // namespace probes::protocols
