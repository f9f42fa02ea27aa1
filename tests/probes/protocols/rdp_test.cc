#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

std::string confirm(const std::string& negotiation) {
  const std::string body = std::string("\xd0\0\0\0\0\0", 6) + negotiation;
  const auto size = static_cast<char>(4 + 1 + body.size());
  return std::string("\x03\0\0", 3) + size + static_cast<char>(body.size()) + body;
}

TEST(Rdp, AsksForTls) {
  ScriptedStream server({confirm(std::string("\x02\0\x08\0\x01\0\0\0", 8))});
  EXPECT_EQ(run(rdp_starttls(server, nobody)).result, Result::agreed);
}

TEST(Rdp, ReportsServersWithoutTls) {
  ScriptedStream old({confirm({})});
  EXPECT_EQ(run(rdp_starttls(old, nobody)).result, Result::refused);
  ScriptedStream failure({confirm(std::string("\x03\0\x08\0\x02\0\0\0", 8))});
  EXPECT_EQ(run(rdp_starttls(failure, nobody)).said, "negotiation failure 2");
  ScriptedStream own({confirm(std::string("\x02\0\x08\0\0\0\0\0", 8))});
  EXPECT_EQ(run(rdp_starttls(own, nobody)).result, Result::refused);
  ScriptedStream http({"HTTP/1.1 400 Bad Request\r\n"});
  EXPECT_EQ(run(rdp_starttls(http, nobody)).result, Result::malformed);
}

}  // namespace
}  // namespace probes::protocols
