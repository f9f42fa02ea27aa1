// A stream that answers from a script, for the protocols' tests, and a way to run one coroutine to its end.
#pragma once

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <cstring>
#include <deque>
#include <exception>
#include <optional>
#include <string>

#include "probes/net/stream.h"

namespace tests::support {

// Each read gets the next piece (or a part of it); after the last one `last` is how the stream ends.
class ScriptedStream : public probes::net::Stream {
 public:
  explicit ScriptedStream(std::deque<std::string> pieces, probes::net::End last = probes::net::End::closed)
      : pieces_(std::move(pieces)), last_(last) {}

  asio::awaitable<probes::net::Transfer> read_some(std::span<char> into) override {
    if (pieces_.empty()) co_return probes::net::Transfer{last_, 0};
    std::string& piece = pieces_.front();
    const std::size_t size = std::min(piece.size(), into.size());
    std::memcpy(into.data(), piece.data(), size);
    piece.erase(0, size);
    if (piece.empty()) pieces_.pop_front();
    co_return probes::net::Transfer{probes::net::End::ok, size};
  }

  asio::awaitable<probes::net::Transfer> write_all(std::string_view bytes) override {
    written.append(bytes);
    co_return probes::net::Transfer{probes::net::End::ok, bytes.size()};
  }

  std::string written;

 private:
  std::deque<std::string> pieces_;
  probes::net::End last_;
};

// Runs `work` on a loop of its own and returns what it returned.
template <typename Value>
Value run(asio::awaitable<Value> work) {
  asio::io_context loop;
  std::optional<Value> result;
  asio::co_spawn(loop, std::move(work), [&](std::exception_ptr error, Value value) {
    if (error) std::rethrow_exception(error);
    result = std::move(value);
  });
  loop.run();
  return std::move(*result);
}

}  // namespace tests::support
