// A byte stream with deadlines, as the protocols see it: plain TCP before TLS, a TLS session after it. Used on the thread of
// the probe it belongs to.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <asio/awaitable.hpp>

#include "probes/net/socket.h"

namespace probes::net {

// How a transfer ended. `closed` is the peer's orderly or silent end; `reset` the connection's; `failed` anything TLS objects to,
// the peer's fatal alert included; `too_late` the moment given, or the deadline of the probe; `flooded` our cap on bytes
// received.
enum class End : std::uint8_t { ok, closed, reset, failed, too_late, flooded };

struct Transfer {
  End end = End::ok;
  std::size_t bytes = 0;  // more than 0 exactly when end is ok
};

class Stream {
 public:
  virtual ~Stream() = default;

  // Reads at least one byte into `into` (not empty), at most its size.
  virtual asio::awaitable<Transfer> read_some(std::span<char> into) = 0;

  // Writes all of `bytes`.
  virtual asio::awaitable<Transfer> write_all(std::string_view bytes) = 0;
};

}  // namespace probes::net
