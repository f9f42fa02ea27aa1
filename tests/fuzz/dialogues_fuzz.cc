// Reads the input as what a server says: its first byte chooses the protocol, the second whether a user is written and how large
// the pieces are that it comes in. Whole or in pieces, the dialogue before TLS and the one after it must end in the same way.
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>

#include "probes/protocols/dialogues.h"
#include "tests/support/scripted_stream.h"

namespace {

using probes::protocols::Protocol;
using probes::protocols::Question;
using tests::support::run;
using tests::support::ScriptedStream;

std::deque<std::string> pieces(const std::string& bytes, std::size_t size) {
  std::deque<std::string> all;
  for (std::size_t at = 0; at < bytes.size(); at += size) all.push_back(bytes.substr(at, size));
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto table = probes::protocols::all_protocols();
  const Protocol& protocol = table[data[0] % table.size()];
  const std::string said(reinterpret_cast<const char*>(data + 2), size - 2);
  Question question;
  if (data[1] & 0x80) question.user = "somebody";
  question.alpn = protocol.name == "grpc" ? "h2" : "http/1.1";
  const std::size_t piece = 1 + data[1] % 64;
  if (protocol.starttls != nullptr) {
    ScriptedStream whole({said}), broken(pieces(said, piece));
    const auto one = run(protocol.starttls(whole, question)), other = run(protocol.starttls(broken, question));
    // What is left in the clear is seen when it came with the consent.
    const auto kind = [](auto result) { return result == decltype(result)::plaintext_left ? decltype(result)::agreed : result; };
    if (kind(one.result) != kind(other.result)) std::abort();
  }
  if (protocol.ask != nullptr) {
    ScriptedStream whole({said}), broken(pieces(said, piece));
    const auto one = run(protocol.ask(whole, question)), other = run(protocol.ask(broken, question));
    if (one.answered != other.answered || one.refuses != other.refuses || one.status != other.status) std::abort();
    if (one.answered && one.malformed) std::abort();
  }
  return 0;
}
