// Reads a protocol's own pieces from a stream: lines, and so many bytes. What a peer sends is bounded: a piece longer than its
// limit, or more pieces than a dialogue can need, are malformed and end it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <asio/awaitable.hpp>

#include "probes/net/stream.h"
#include "probes/protocols/protocol.h"

namespace probes::protocols {

struct Piece {
  net::End end = net::End::ok;  // of the stream, where it ended before the piece did
  bool too_long = false;
  std::string text;

  bool ok() const { return end == net::End::ok && !too_long; }
};

// On the thread of its probe; the stream outlives it.
class Reader {
 public:
  static constexpr std::size_t line_limit = 8 * 1024;
  static constexpr std::size_t dialogue_limit = 256 * 1024;  // of all that is read

  explicit Reader(net::Stream& stream) : stream_(stream) {}

  asio::awaitable<Piece> line();                                              // without its CR LF, or LF
  asio::awaitable<Piece> bytes(std::size_t count);                            // exactly so many; at most dialogue_limit
  asio::awaitable<Piece> until(std::string_view mark);                        // up to and with `mark`
  asio::awaitable<Piece> until_any(std::span<const std::string_view> marks);  // up to and with the first that comes; borrowed

  asio::awaitable<Piece> say(std::string_view text);  // writes all of it

  bool anything_left() const { return !buffer_.empty(); }  // what was read and not asked for
  bool anything_came() const { return read_ > 0; }

 private:
  asio::awaitable<Piece> more();  // reads once more; not ok: why there is no more
  Piece take(std::size_t count, std::size_t drop = 0);

  net::Stream& stream_;
  std::string buffer_;
  std::size_t read_ = 0;
};

// How a dialogue before TLS ends.
[[nodiscard]] Upgrade agreed(const Reader& reader);  // plaintext_left where something is
[[nodiscard]] Upgrade refused(std::string said);
[[nodiscard]] Upgrade needs_authentication(std::string said);
[[nodiscard]] Upgrade malformed(std::string said);
[[nodiscard]] Upgrade stopped(const Piece& piece);  // REQUIRES: !piece.ok()

// How the asking ends.
[[nodiscard]] Answer unread(const Reader& reader, const Piece& piece);  // REQUIRES: !piece.ok()
[[nodiscard]] Answer nonsense(std::string said);                        // bytes that are no answer
[[nodiscard]] Answer answered(std::string said, bool refuses = false);
[[nodiscard]] Answer unsettled(Answer answer);  // ... and the server may refuse us yet

// Does a server's sentence name the client's certificate as what it misses or minds?
[[nodiscard]] bool speaks_of_certificate(std::string_view text);
[[nodiscard]] bool equal_words(std::string_view a, std::string_view b);  // ASCII, whatever the case
[[nodiscard]] std::string in_quotes(std::string_view text);              // "text", its quotes and backslashes escaped
[[nodiscard]] std::string upper(std::string_view text);                  // ASCII

}  // namespace probes::protocols
