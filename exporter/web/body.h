// What follows the head of a response: a text in pieces, made as it is read, once for all its readers. What all have read is
// gone, so that a scrape of a hundred megabytes never stands in memory; without a reader, all of it is. A text that is there at
// once is a body of one piece.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace exporter::web {

// The next piece of a text, valid until the next call; empty at the end. One call at a time, on any thread.
using Pieces = std::function<std::string_view()>;

// `text`, all at once.
[[nodiscard]] Pieces pieces_of(std::string text);

// One reader's place in a text. A copy is another reader, at the same place.
class Body {
 public:
  Body() : Body(std::string()) {}
  Body(const char* text) : Body(std::string(text)) {}  // NOLINT(google-explicit-constructor): a body is its text
  Body(std::string text);                              // NOLINT(google-explicit-constructor)

  // Makes the first pieces: as many as it takes to know whether there is a second. Until more than `kept` bytes have been made,
  // everything is kept for readers yet to come, see beginning().
  explicit Body(Pieces pieces, std::size_t kept = std::numeric_limits<std::size_t>::max());

  // The piece at hand. Empty once there are no more.
  const std::string& text() const;

  // The piece at hand is known to be the last. Always known of a first piece.
  bool last() const { return last_; }

  // On to the next piece, which is made if this reader is the first to want it: takes a moment, never on an I/O thread. Passes on
  // what making it throws, to every reader that comes so far.
  void advance();

  class Beginning;
  Beginning beginning() const;

 private:
  struct Piece;
  struct Source;
  Body(std::shared_ptr<Source> source, std::shared_ptr<Piece> at);

  std::shared_ptr<Source> source_;
  std::shared_ptr<Piece> at_;
  bool last_ = true;
};

// The way to read a text that others read, from its start. Keeps nothing alive.
class Body::Beginning {
 public:
  Beginning() = default;

  // Nobody reads the text any more.
  bool expired() const { return source_.expired(); }

  // Another reader; absent once the beginning is no longer kept, and when expired.
  std::optional<Body> read() const;

 private:
  friend class Body;
  explicit Beginning(std::weak_ptr<Source> source) : source_(std::move(source)) {}

  std::weak_ptr<Source> source_;
};

}  // namespace exporter::web
