// The first look at a server: it is asked for TLS 1.2, shows its certificates in the clear and whether it asks for ours, and is
// hung up on before we compute anything. Such a look says that TLS is spoken, and what TLS 1.2 shows; never whether a client
// certificate is required, or accepted. Who speaks TLS 1.3 alone answers with an alert, or not at all: that is left to a
// handshake.
//
//   connected socket -> client_hello() -> FlightReader -> Flight
#pragma once

#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <memory>

#include "probes/look/flight_reader.h"

namespace probes::look {

// Asks the server at the other end of `connection`, a connected TCP socket that does not block, and closes it. NeedMore: the
// flight did not come to its end within `patience`, before the server hung up, or for want of anything of ours. Never null; on
// the thread of its executor.
[[nodiscard]] asio::awaitable<Flight> first_look(std::shared_ptr<asio::posix::stream_descriptor> connection,
                                                 std::chrono::milliseconds patience);

}  // namespace probes::look
