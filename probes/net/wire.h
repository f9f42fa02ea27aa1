// What carries the bytes of a TLS session where they do not go over the socket as they are: a protocol that wraps the handshake
// in packets of its own. It never waits: who uses it waits for the socket. Used by one thread at a time.
#pragma once

#include <sys/types.h>

#include <span>
#include <string_view>

namespace probes::net {

class Wire {
 public:
  virtual ~Wire() = default;

  // As recv(2) of a socket that does not block: -1 with errno EAGAIN where nothing is there yet, 0 at the end.
  virtual ssize_t receive(std::span<char> into) = 0;

  // As send(2), of all of `bytes` or, with EAGAIN, none: then it is called again with the same.
  virtual ssize_t send(std::string_view bytes) = 0;

  // Our side of the handshake is complete.
  virtual void handshake_complete() = 0;
};

}  // namespace probes::net
