#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

TEST(Sieve, AsksForStarttlsWhereItIsOffered) {
  ScriptedStream server({"\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n", "OK \"begin\"\r\n"});
  EXPECT_EQ(run(sieve_starttls(server, nobody)).result, Result::agreed);
  ScriptedStream without({"\"IMPLEMENTATION\" \"x\"\r\nOK\r\n"});
  EXPECT_EQ(run(sieve_starttls(without, nobody)).result, Result::refused);
  ScriptedStream full({"BYE \"too many\"\r\n"});
  EXPECT_EQ(run(sieve_starttls(full, nobody)).result, Result::refused);
  ScriptedStream smtp({"220 ready\r\n"});
  EXPECT_EQ(run(sieve_starttls(smtp, nobody)).result, Result::malformed);
}

TEST(Sieve, ALoginShowsWhetherTheCertificateIsTheTrouble) {
  ScriptedStream strict({"OK\r\n", "NO \"Client didn't present valid SSL certificate\"\r\n"});
  EXPECT_TRUE(run(sieve_ask(strict, Question{.user = "x"})).refuses);
  EXPECT_EQ(strict.written, "AUTHENTICATE \"PLAIN\" \"AHgA\"\r\n");
  ScriptedStream server({"OK\r\n"});
  EXPECT_FALSE(run(sieve_ask(server, nobody)).settles);
}

}  // namespace
}  // namespace probes::protocols
