// RDP (MS-RDPBCGR 2.2.1.1): the X.224 connection request asks for TLS, and its confirmation agrees.
#include <cstdint>
#include <utility>

#include "probes/bytes/big_endian.h"
#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

using namespace bytes;

using namespace std::string_view_literals;

// TPKT, connection request, RDP_NEG_REQ {TLS, or CredSSP, which is spoken inside TLS}.
constexpr std::string_view request = "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"sv;
constexpr std::uint8_t confirmation = 0xd0, negotiated = 2, failed = 3;

std::uint8_t octet(const std::string& text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

}  // namespace

Upgrading rdp_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  Piece piece = co_await reader.say(request);
  if (piece.ok()) piece = co_await reader.bytes(4);
  if (!piece.ok()) co_return stopped(piece);
  const std::size_t size = from_big_endian(std::string_view(piece.text).substr(2));
  if (octet(piece.text, 0) != 3 || size < 11 || size > 1024) co_return malformed("no TPKT");
  piece = co_await reader.bytes(size - 4);
  if (!piece.ok()) co_return stopped(piece);
  if (octet(piece.text, 1) != confirmation) co_return refused("it does not confirm the connection");
  if (size < 19) co_return refused("it knows only RDP's own security, and no TLS");
  const std::uint8_t kind = octet(piece.text, 7);
  const std::uint32_t value = from_little_endian(std::string_view(piece.text).substr(11, 4));
  if (kind == failed) co_return refused("negotiation failure " + std::to_string(value));
  if (kind != negotiated) co_return malformed("no answer to the negotiation");
  co_return value == 0 ? refused("it chose RDP's own security, and no TLS") : agreed(reader);
}

}  // namespace probes::protocols
