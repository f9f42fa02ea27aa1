// LDAP (RFC 4511 4.14): the StartTLS operation; after it a bind with SASL EXTERNAL (RFC 4513 5.2.3), whose identity is our
// certificate. Of BER only the answer's few fields are read.
#include <cstdint>
#include <optional>
#include <utility>

#include "probes/bytes/big_endian.h"
#include "probes/bytes/der_cursor.h"
#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

using namespace std::string_view_literals;

// LDAPMessage {1, ExtendedRequest {1.3.6.1.4.1.1466.20037}} and {2, BindRequest {3, "", sasl {EXTERNAL, ""}}}.
constexpr std::string_view start_tls =
    "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
    "1.3.6.1.4.1.1466.20037"sv;
constexpr std::string_view bind_external =
    "\x30\x18\x02\x01\x02\x60\x13\x02\x01\x03\x04\x00\xa3\x0c\x04\x08"
    "EXTERNAL"
    "\x04\x00"sv;

constexpr std::uint8_t extended_response = 0x78, bind_response = 0x61, octets = 0x04, integer = 0x02, enumerated = 0x0a;

struct Result {
  Piece piece = {};  // not ok: how the reading ended
  std::optional<int> code;
  std::string said;
};

// One LDAPMessage, whose operation must be `operation`.
asio::awaitable<Result> read_result(Reader& reader, std::uint8_t operation) {
  Result result;
  result.piece = co_await reader.bytes(2);
  if (!result.piece.ok()) co_return result;
  const std::string head = result.piece.text;
  if (static_cast<std::uint8_t>(head[0]) != 0x30) co_return result;
  std::size_t size = static_cast<std::uint8_t>(head[1]);
  if (size >= 0x80) {
    const std::size_t count = size & 0x7f;
    if (count == 0 || count > 4) co_return result;
    result.piece = co_await reader.bytes(count);
    if (!result.piece.ok()) co_return result;
    size = bytes::from_big_endian(result.piece.text);
  }
  result.piece = co_await reader.bytes(size);
  if (!result.piece.ok()) co_return result;
  bytes::DerCursor message(result.piece.text);
  if (!message.next(integer)) co_return result;
  const auto body = message.next(operation);
  if (!body) co_return result;
  bytes::DerCursor fields(body->content);
  const auto code = fields.next(enumerated);
  if (!code || code->content.size() != 1 || !fields.next(octets)) co_return result;
  result.code = static_cast<std::uint8_t>(code->content.front());
  result.said = "result code " + std::to_string(*result.code);
  if (const auto words = fields.next(octets); words && !words->content.empty()) result.said += ": " + std::string(words->content);
  co_return result;
}

constexpr int stronger_authentication_required = 8, inappropriate_authentication = 48, invalid_credentials = 49;

}  // namespace

Upgrading ldap_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  const Piece said = co_await reader.say(start_tls);
  if (!said.ok()) co_return stopped(said);
  const Result answer = co_await read_result(reader, extended_response);
  if (!answer.piece.ok()) co_return stopped(answer.piece);
  if (!answer.code) co_return malformed("no answer to StartTLS");
  if (*answer.code == stronger_authentication_required) co_return needs_authentication(answer.said);
  co_return *answer.code == 0 ? agreed(reader) : refused(answer.said);
}

// Where no certificate of ours was taken, EXTERNAL has no identity: 48 or 49. Where it is not offered (7) that may be for us
// alone or for all.
Asking ldap_ask(net::Stream& stream, Question) {
  Reader reader(stream);
  const Piece said = co_await reader.say(bind_external);
  if (!said.ok()) co_return unread(reader, said);
  const Result answer = co_await read_result(reader, bind_response);
  if (!answer.piece.ok()) co_return unread(reader, answer.piece);
  if (!answer.code) co_return nonsense("no answer to a bind");
  const bool refuses = *answer.code == inappropriate_authentication || *answer.code == invalid_credentials;
  Answer bound = answered("SASL EXTERNAL: " + answer.said, refuses);
  co_return *answer.code == 0 || refuses ? std::move(bound) : unsettled(std::move(bound));
}

}  // namespace probes::protocols
