// Decides whether a request may be asked at all: the rate limit, then basic auth.
#pragma once

#include <asio/awaitable.hpp>
#include <optional>

#include "exporter/web/connection.h"

namespace exporter::web {

// Absent: come in. Otherwise 401, 429, or 503 when too many passwords wait to be hashed. On the I/O thread, which never hashes.
[[nodiscard]] asio::awaitable<std::optional<Response>> refusal_of(ServerState& server, PolicyPtr policy, RequestPtr request);

}  // namespace exporter::web
