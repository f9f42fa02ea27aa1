#include <gtest/gtest.h>

#include "probes/protocols/dialogues.h"
#include "tests/probes/protocols/nobody.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

const std::string stream = "<?xml version='1.0'?><stream:stream from='lab' xmlns='jabber:client'>";

TEST(Xmpp, AsksForStarttlsWhereItIsAFeature) {
  ScriptedStream server({stream + "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
                         "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"});
  EXPECT_EQ(run(xmpp_client_starttls(server, Question{.server = "a'b"})).result, Result::agreed);
  EXPECT_NE(server.written.find("to='a&apos;b'"), std::string::npos);
}

TEST(Xmpp, AProceedThatClosesItselfLeavesNothingAndOneWithATailDoes) {
  const std::string features = stream + "<stream:features><starttls/></stream:features>";
  ScriptedStream in_two({features, "<proceed xmlns='x'></proceed>"});
  EXPECT_EQ(run(xmpp_client_starttls(in_two, nobody)).result, Result::agreed);
  ScriptedStream tail({features, "<proceed/><message/>"});
  EXPECT_EQ(run(xmpp_client_starttls(tail, nobody)).result, Result::plaintext_left);
}

TEST(Xmpp, ReportsRefusals) {
  ScriptedStream without({stream + "<stream:features/>"});
  EXPECT_EQ(run(xmpp_client_starttls(without, nobody)).result, Result::refused);
  ScriptedStream unknown({stream + "<stream:error><host-unknown/></stream:error>"});
  EXPECT_EQ(run(xmpp_client_starttls(unknown, nobody)).result, Result::refused);
  ScriptedStream failure({stream + "<stream:features><starttls/></stream:features>", "<failure/>"});
  EXPECT_EQ(run(xmpp_client_starttls(failure, nobody)).result, Result::refused);
  ScriptedStream other({"</stream:stream>"});
  EXPECT_EQ(run(xmpp_client_starttls(other, nobody)).result, Result::malformed);
}

TEST(Xmpp, AServerWithoutADomainSettlesNothing) {
  const std::string refusal = stream + "<stream:error><policy-violation/><text>certificate</text></stream:error>";
  ScriptedStream nameless({refusal});
  const Answer answer = run(xmpp_server_ask(nameless, nobody));
  EXPECT_TRUE(answer.answered && !answer.settles && !answer.refuses);
  ScriptedStream named({refusal});
  EXPECT_TRUE(run(xmpp_server_ask(named, Question{.user = "partner.lab"})).refuses);
  EXPECT_NE(named.written.find("from='partner.lab'"), std::string::npos);
}

}  // namespace
}  // namespace probes::protocols
