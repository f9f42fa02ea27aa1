// A response's first part as bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "exporter/web/http.h"
#include "probes/observations/wall_time.h"

namespace exporter::web {

using Headers = std::vector<std::pair<std::string, std::string>>;

// How the reader tells where the body ends (RFC 9112 6.3).
enum class Framing : std::uint8_t { length, chunked, until_close };

// A body of one piece is announced with its length; of more, the length is not known.
[[nodiscard]] Framing framing_of(const Body& body, bool http_1_0);

// The status line and headers (the response's own, then `more`), with Date (RFC 9110 6.6.1), those of the framing and
// "Connection: close", up to and with the empty line. A header whose value has a control character is left out: what a peer sent
// must not add headers of its own.
[[nodiscard]] std::string response_head(const Response& response, Framing framing, const Headers& more,
                                        probes::observations::WallTime now);

}  // namespace exporter::web
