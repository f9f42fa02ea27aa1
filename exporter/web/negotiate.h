// What the client would like: the exposition format and the coding of the body. Pure functions of header values, which
// may hold anything; what cannot be understood is passed over, and the answer is then the plainest one.
#pragma once

#include <string>
#include <string_view>

#include "exporter/metrics/format.h"
#include "exporter/web/http.h"

namespace exporter::web {

using metrics::content_type;
using metrics::Format;

// The exposition format an Accept header prefers, by q value, the first of equals. OpenMetrics must be asked for by name, in
// version 1.0.0 or none; anything else is answered in the text format 0.0.4, as Prometheus's own clients do.
[[nodiscard]] Format format(std::string_view accept);

// Whether an Accept-Encoding header lets us send gzip and does not prefer the plain body.
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);

// Replaces the body by its gzip when `request` accepts that and it pays (above 1 KiB). Leaves a response alone that has
// Content-Encoding or Vary: its handler has negotiated already; and one of many pieces. Blocking.
void compress(const Request& request, Response& response);

}  // namespace exporter::web
