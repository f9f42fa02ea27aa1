#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;

TEST(Mqtt, AnyReturnCodeIsAnAnswer) {
  for (const char code : {'\0', '\4', '\5'}) {
    ScriptedStream server({std::string("\x20\x02\0", 3) + code});
    const Answer answer = run(mqtt_ask(server, Question{.user = "sensor"}));
    EXPECT_TRUE(answer.answered && !answer.refuses) << int{code};
    EXPECT_EQ(server.written.substr(0, 8), std::string("\x10\x14\0\x04MQTT", 8));
  }
  ScriptedStream other({"HTTP/1.1 400 Bad Request\r\n"});
  EXPECT_TRUE(run(mqtt_ask(other, nobody)).malformed);
}

}  // namespace
}  // namespace probes::protocols
