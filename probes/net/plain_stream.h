// A connection without TLS, as the protocols see it.
#pragma once

#include "probes/net/stream.h"

namespace probes::net {

// Reads at most `limit` bytes in all: what comes beyond them is a flood. The socket is connected and outlives the stream.
class PlainStream : public Stream {
 public:
  PlainStream(Socket& socket, std::size_t limit) : socket_(socket), left_(limit) {}

  asio::awaitable<Transfer> read_some(std::span<char> into) override;
  asio::awaitable<Transfer> write_all(std::string_view bytes) override;

 private:
  Socket& socket_;
  std::size_t left_;
};

}  // namespace probes::net
