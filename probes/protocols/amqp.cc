// AMQP 0-9-1 (4.2.2): the protocol's header is answered with Connection.Start, or with the header that the server would rather
// see.
#include <utility>

#include "probes/bytes/big_endian.h"
#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

using namespace bytes;

constexpr std::string_view header{"AMQP\x00\x00\x09\x01", 8};
constexpr std::string_view start{"\x00\x0a\x00\x0a", 4};  // class connection, method start

}  // namespace

Asking amqp_ask(net::Stream& stream, Question) {
  Reader reader(stream);
  Piece piece = co_await reader.say(header);
  if (piece.ok()) piece = co_await reader.bytes(8);
  if (!piece.ok()) co_return unread(reader, piece);
  if (piece.text.starts_with("AMQP")) co_return answered("another version");
  if (piece.text[0] != 1 || from_big_endian(std::string_view(piece.text).substr(1, 2)) != 0)
    co_return nonsense("no method frame");
  const std::string begun = piece.text.substr(7);
  piece = co_await reader.bytes(start.size() - begun.size());
  if (!piece.ok()) co_return unread(reader, piece);
  if (begun + piece.text != start) co_return nonsense("another method");
  co_return answered("Connection.Start");
}

}  // namespace probes::protocols
