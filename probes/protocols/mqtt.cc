// MQTT 3.1.1: CONNECT, and the return code of CONNACK.
#include <cstdint>
#include <utility>

#include "probes/bytes/big_endian.h"
#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

using namespace bytes;

std::string text(std::string_view value) { return big_endian(static_cast<std::uint32_t>(value.size()), 2) + std::string(value); }

std::string connect(const std::string& user) {
  constexpr char clean_session = 0x02, with_user = '\x80';
  const char flags = static_cast<char>(clean_session | (user.empty() ? 0 : with_user));
  // No client identifier: the server gives one, and no session of a name is taken over.
  const std::string body = text("MQTT") + '\x04' + flags + big_endian(30, 2) + text("") + (user.empty() ? "" : text(user));
  return '\x10' + std::string(1, static_cast<char>(body.size())) + body;
}

constexpr std::uint8_t connack = 0x20;
constexpr std::string_view disconnect{"\xe0\x00", 2};

}  // namespace

// 4 and 5 (bad user name or password, not authorized) are about users, of whom a certificate may or may not be the proof.
Asking mqtt_ask(net::Stream& stream, Question question) {
  Reader reader(stream);
  const std::string opening = connect(question.user.substr(0, 64));
  Piece piece = co_await reader.say(opening);
  if (piece.ok()) piece = co_await reader.bytes(4);
  if (!piece.ok()) co_return unread(reader, piece);
  if (static_cast<std::uint8_t>(piece.text[0]) != connack || piece.text[1] != 2) co_return nonsense("no CONNACK");
  const int code = static_cast<std::uint8_t>(piece.text[3]);
  if (code == 0) (void)co_await reader.say(disconnect);
  co_return answered("CONNACK " + std::to_string(code));
}

}  // namespace probes::protocols
