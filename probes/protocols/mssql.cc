// Microsoft SQL Server, TDS 7 (MS-TDS 2.2.6.5): PRELOGIN says whether the server encrypts, and the handshake that follows travels
// in its packets (tds_wire.h). A server in TDS 8's strict mode speaks TLS from the first byte: that is `protocol: tls`.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/bytes/big_endian.h"
#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"
#include "probes/protocols/tds.h"
#include "probes/protocols/tds_wire.h"

namespace probes::protocols {

namespace {

using namespace std::string_view_literals;

constexpr std::uint8_t version_option = 0, encryption_option = 1, no_more_options = 0xff;
constexpr std::uint8_t encrypt_off = 0, encrypt_on = 1, encrypt_not_supported = 2, encrypt_required = 3;

// Option, offset and length of VERSION, ENCRYPTION, INSTOPT, THREADID and MARS; the terminator; their values: encrypt everything.
constexpr std::string_view question =
    "\x00\x00\x1a\x00\x06"
    "\x01\x00\x20\x00\x01"
    "\x02\x00\x21\x00\x01"
    "\x03\x00\x22\x00\x04"
    "\x04\x00\x26\x00\x01"
    "\xff"
    "\x0f\x00\x00\x00\x00\x00"
    "\x01"
    "\x00"
    "\x00\x00\x00\x00"
    "\x00"sv;

// What the server says of encryption; absent where that is no answer to PRELOGIN.
std::optional<std::uint8_t> encryption_of(std::string_view answer) {
  constexpr std::size_t option_size = 5;
  bool first = true;
  for (std::size_t at = 0; at < answer.size(); at += option_size) {
    const auto option = static_cast<std::uint8_t>(answer[at]);
    // MS-TDS 2.2.6.5: VERSION comes first.
    if (first && option != version_option) return {};
    first = false;
    if (option == no_more_options || at + option_size > answer.size()) return {};
    if (option != encryption_option) continue;
    const std::size_t offset = bytes::from_big_endian(answer.substr(at + 1, 2));
    if (bytes::from_big_endian(answer.substr(at + 3, 2)) < 1 || offset >= answer.size()) return {};
    return static_cast<std::uint8_t>(answer[offset]);
  }
  return {};
}

// The payloads of one message.
asio::awaitable<Piece> read_answer(Reader& reader) {
  Piece message;
  for (;;) {
    const Piece head = co_await reader.bytes(tds::header_size);
    if (!head.ok()) co_return head;
    const std::size_t length = bytes::from_big_endian(std::string_view(head.text).substr(2, 2));
    if (head.text[0] != tds::response || length < tds::header_size) co_return Piece{.text = {}};
    const Piece payload = co_await reader.bytes(length - tds::header_size);
    if (!payload.ok()) co_return payload;
    message.text += payload.text;
    if ((head.text[1] & 1) != 0) co_return message;
  }
}

}  // namespace

Upgrading mssql_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  const std::string prelogin = tds::packets(tds::prelogin, question);
  const Piece said = co_await reader.say(prelogin);
  if (!said.ok()) co_return stopped(said);
  const Piece answer = co_await read_answer(reader);
  if (!answer.ok()) co_return stopped(answer);
  const std::optional<std::uint8_t> encryption = encryption_of(answer.text);
  if (!encryption) co_return malformed("no answer to PRELOGIN");
  switch (*encryption) {
    case encrypt_off:
    case encrypt_on:
    case encrypt_required: co_return agreed(reader);
    case encrypt_not_supported: co_return refused("ENCRYPT_NOT_SUP: it does not encrypt");
    default: co_return refused("encryption " + std::to_string(*encryption));
  }
}

std::unique_ptr<net::Wire> mssql_wire(net::Socket& socket) { return std::make_unique<TdsWire>(socket); }

}  // namespace probes::protocols
