// TLS inside TDS (MS-TDS 2.2.6.5, 3.2.5.1): until our side of the handshake is complete each piece of it travels as the payload
// of a PRELOGIN packet; from then on TLS records go over the connection as they are. What comes is told apart by its first octet
// at each boundary: no kind of TDS packet is the content type of a TLS record.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "probes/net/socket.h"
#include "probes/net/wire.h"

namespace probes::protocols {

// On the thread of its probe; the socket outlives it.
class TdsWire : public net::Wire {
 public:
  explicit TdsWire(net::Socket& socket) : socket_(socket) {}

  ssize_t receive(std::span<char> into) override;
  ssize_t send(std::string_view bytes) override;
  void handshake_complete() override { complete_ = true; }

 private:
  ssize_t read_header();
  ssize_t flush();

  net::Socket& socket_;
  bool complete_ = false;
  bool bare_ = false;  // what comes is in no packets any more
  std::array<char, 8> header_{};
  std::size_t header_read_ = 0;
  std::size_t payload_left_ = 0;
  std::string leaving_;  // packets that the socket has not taken yet
};

}  // namespace probes::protocols
