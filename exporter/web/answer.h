// Takes a request to its handler on the handler threads and brings the response back to the I/O thread.
#pragma once

#include <asio/awaitable.hpp>

#include "exporter/web/connection.h"

namespace exporter::web {

// Runs `handler` (borrowed from the server' router) on a handler thread and waits for its reply, at most answer_time:
// then, and when it throws, the response says so without details. Bodies are compressed on the handler's side.
[[nodiscard]] asio::awaitable<Response> answer_of(ServerState& server, const Handler& handler, RequestPtr request);

// `body` at its next piece, made on the writers' thread if need be; absent when it cannot be made, or not in answer_time.
[[nodiscard]] asio::awaitable<std::optional<Body>> next_piece(ServerState& server, Body body);

}  // namespace exporter::web
