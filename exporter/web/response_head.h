// A response's first part as bytes.
#pragma once

#include <chrono>
#include <string>

#include "exporter/web/http.h"

namespace exporter::web {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The status line and headers (the response's own, then `more`), with Date (RFC 9110 6.6.1), Content-Length and "Connection:
// close", up to and with the empty line. A header whose value has a control character is left out: what a peer sent must not add
// headers of its own.
[[nodiscard]] std::string response_head(const Response& response, const Headers& more, std::chrono::system_clock::time_point now);

}  // namespace exporter::web
