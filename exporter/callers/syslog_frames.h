// Takes a stream of bytes apart into lines: by line feeds, and for syslog over TCP also by counted octets (RFC 6587 3.4.1), each
// frame as it comes. Owned by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace exporter::callers {

class Frames {
 public:
  enum class Counting : std::uint8_t { never, allowed };
  using Take = std::function<void(std::string_view line)>;

  explicit Frames(Counting counting = Counting::never) : counting_(counting) {}

  // Hands each whole line of what came so far to `take`, without its end; empty ones are passed over. Borrowed for the call.
  void feed(std::string_view bytes, const Take& take);

  // What follows until the next line feed is the rest of a line whose beginning was not seen.
  void skip_rest_of_line() { skipping_ = true; }

  // Bytes of a line that has not ended yet.
  [[nodiscard]] std::size_t pending() const { return held_.size() + skipped_; }
  // A count that is none, or above the limit: what follows cannot be told apart, and the stream is to be closed.
  [[nodiscard]] bool broken() const { return broken_; }
  // Lines above the limit since the last call; they were passed over.
  [[nodiscard]] std::uint64_t take_too_long();
  void clear();

 private:
  bool begin_counted(std::string_view& bytes);
  void feed_counted(std::string_view& bytes, const Take& take);
  void feed_line(std::string_view& bytes, const Take& take);

  Counting counting_;
  std::string held_;         // the beginning of a line, or of a count
  std::size_t wanted_ = 0;   // of a counted frame: its size; 0: none is under way
  std::size_t skipped_ = 0;  // bytes of a line that is passed over
  bool skipping_ = false;
  bool broken_ = false;
  std::uint64_t too_long_ = 0;
};

}  // namespace exporter::callers
