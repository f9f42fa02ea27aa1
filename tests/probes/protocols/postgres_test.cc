#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

std::string error(const std::string& code, const std::string& message, const std::string& routine) {
  const std::string body =
      "SFATAL" + std::string(1, '\0') + "C" + code + '\0' + "M" + message + '\0' + "R" + routine + '\0' + '\0';
  return std::string("E\0\0\0", 4) + static_cast<char>(body.size() + 4) + body;
}

TEST(Postgres, AsksForTls) {
  ScriptedStream server({"S"});
  EXPECT_EQ(run(postgres_starttls(server, nobody)).result, Result::agreed);
  EXPECT_EQ(server.written, std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8));
  ScriptedStream off({"N"});
  EXPECT_EQ(run(postgres_starttls(off, nobody)).result, Result::refused);
  ScriptedStream other({"HTTP/1.1 400"});
  EXPECT_EQ(run(postgres_starttls(other, nobody)).result, Result::malformed);
}

TEST(Postgres, BytesBehindTheConsentAreNotPassedOver) {
  ScriptedStream server({"SE"});  // CVE-2021-23222
  EXPECT_EQ(run(postgres_starttls(server, nobody)).result, Result::plaintext_left);
}

TEST(Postgres, SqlstateTellsWhoIsRefusedForTheCertificate) {
  const auto ask = [](const std::string& answer) {
    ScriptedStream server({answer});
    return run(postgres_ask(server, Question{.user = "app"}));
  };
  EXPECT_TRUE(ask(error("28000", "connection requires a valid client certificate", "ClientAuthentication")).refuses);
  EXPECT_TRUE(ask(error("28000", "Verbindung erfordert ein Zertifikat", "ClientAuthentication")).refuses);
  EXPECT_TRUE(ask(error("28000", "certificate authentication failed for user \"app\"", "auth_failed")).refuses);
  EXPECT_FALSE(ask(error("28000", "no pg_hba.conf entry for host", "ClientAuthentication")).refuses);
  EXPECT_FALSE(ask(error("28000", "role \"app\" does not exist", "InitializeSessionUserId")).refuses);
  EXPECT_FALSE(ask(error("53300", "too many connections", "x")).refuses);
  EXPECT_TRUE(ask(std::string("R\0\0\0\x08\0\0\0\0", 9)).answered);
}

TEST(Postgres, AMessageOfAnImpossibleSizeIsNoAnswer) {
  for (const std::string& bytes :
       {std::string("E\0\0\0\x03", 5), std::string("E\x7f\xff\xff\xff", 5), std::string("Q\0\0\0\x04", 5)}) {
    ScriptedStream server({bytes});
    EXPECT_TRUE(run(postgres_ask(server, nobody)).malformed);
  }
}

}  // namespace
}  // namespace probes::protocols
