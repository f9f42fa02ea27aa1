// A dialogue that trickles ends at the deadline of the whole probe, in every protocol of the table.
#include <gtest/gtest.h>

#include "probes/protocols/protocol.h"
#include "tests/support/probing.h"
#include "tests/support/tls_peer.h"

namespace probes {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;

class Dialogue : public testing::TestWithParam<std::string> {};

// What begins like an answer of the protocol and goes on, a byte at a time.
std::string beginning_of(const std::string& protocol) {
  if (protocol == "ldap") return std::string("\x30\x84\x00\x00\x40\x00", 6);
  if (protocol == "mysql") return std::string("\xff\x0f\x00\x00\x0a", 5);
  if (protocol == "rdp") return std::string("\x03\x00\x03\xff", 4);
  if (protocol == "mssql") return std::string("\x04\x01\x10\x00", 4);
  if (protocol.starts_with("xmpp")) return "<?xml version='1.0'?><stream:stream ";
  if (protocol == "imap") return "* OK ";
  if (protocol == "pop3") return "+OK ";
  if (protocol == "irc") return ":server NOTICE * :";
  if (protocol == "sieve") return "\"IMPLEMENTATION\" \"";
  return "220-";
}

TEST_P(Dialogue, ThatTricklesEndsWithTheProbe) {
  const World world;
  const std::string text = beginning_of(GetParam()) + std::string(2000, GetParam() == "ldap" ? '\x04' : 'a');
  const TlsPeer peer({.before_handshake = {act::Trickle{text, 20ms}, act::Silence{}}});
  Probing probing{.port = peer.port()};
  probing.module.protocol = GetParam();
  probing.module.timeout = 600ms;
  const auto began = std::chrono::steady_clock::now();
  const auto seen = probe_once(world, probing);
  const auto took = std::chrono::steady_clock::now() - began;
  // PostgreSQL's answer is one byte: whatever it is, it is an answer.
  if (GetParam() != "postgres") {
    EXPECT_EQ(outcome(seen), "starttls/starttls_timeout");
    EXPECT_GE(took, 600ms);
  }
  EXPECT_LT(took, 10s);  // the server goes on for forty
}

std::vector<std::string> with_dialogue() {
  std::vector<std::string> names;
  for (const protocols::Protocol& protocol : protocols::all_protocols())
    if (protocol.starttls != nullptr) names.emplace_back(protocol.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(EveryProtocol, Dialogue, testing::ValuesIn(with_dialogue()), [](const auto& of) {
  std::string name = of.param;
  std::erase(name, '-');
  return name;
});

// Protocols with TLS from the first byte trickle inside it.
class Answer : public testing::TestWithParam<std::string> {};

TEST_P(Answer, ThatTricklesEndsWithTheProbe) {
  const World world;
  TlsPeerOptions options{.identity = &world.server};
  // An unfinished beginning: a status line, a redis text, an MQTT or AMQP frame that does not end.
  options.after_handshake = {act::AwaitBytes{}, act::Trickle{std::string(2000, GetParam() == "redis" ? '+' : 'H'), 20ms}};
  const TlsPeer peer(options);
  Probing probing{.port = peer.port()};
  probing.module.protocol = GetParam();
  probing.module.timeout = 600ms;
  const auto began = std::chrono::steady_clock::now();
  (void)probe_once(world, probing);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

std::vector<std::string> asked_in_tls() {
  std::vector<std::string> names;
  for (const protocols::Protocol& protocol : protocols::all_protocols())
    if (protocol.starttls == nullptr && protocol.ask != nullptr) names.emplace_back(protocol.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(EveryProtocol, Answer, testing::ValuesIn(asked_in_tls()));

}  // namespace
}  // namespace probes
