// Reads the input as what a proxy says: its first byte chooses the kind and whether we log in, the second how large the pieces
// are that it comes in. Whole or in pieces, the asking must end in the same way, and not one byte behind the consent may be read.
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>

#include "probes/proxy/tunnel.h"
#include "tests/support/scripted_stream.h"

namespace {

using namespace probes::proxy;
using tests::support::run;
using tests::support::ScriptedStream;

Answer asked(bool socks, std::deque<std::string> pieces, bool login) {
  Request request{.host = "inner.test", .port = 8443};
  if (login) {
    request.username = "watcher";
    request.password = "secret";
  }
  ScriptedStream stream(std::move(pieces));
  return socks ? run(socks5(stream, std::move(request))) : run(http_connect(stream, std::move(request)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const bool socks = (data[0] & 1) != 0, login = (data[0] & 2) != 0;
  const std::size_t piece = 1 + data[1] % 64;
  const std::string said(reinterpret_cast<const char*>(data + 2), size - 2);
  std::deque<std::string> pieces;
  for (std::size_t at = 0; at < said.size(); at += piece) pieces.push_back(said.substr(at, piece));
  const Answer whole = asked(socks, {said}, login), broken = asked(socks, std::move(pieces), login);
  if (whole.result != broken.result || whole.said != broken.said) std::abort();
  if (whole.result != Answer::Result::connected && explain(whole).stage != probes::observations::Stage::proxy) std::abort();
  return 0;
}
