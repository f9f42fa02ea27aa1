// gzip (RFC 1952) as texts are made: what a scraper asks for. At the level that costs least. Blocking: not on an I/O thread.
#pragma once

#include <string>
#include <string_view>

#include "exporter/web/body.h"

namespace exporter::web {

// The pieces of `text`'s gzip. Throws std::runtime_error, also from the pieces, when it cannot be made.
[[nodiscard]] Pieces gzipped(Pieces text);

[[nodiscard]] std::string gzip(std::string text);

}  // namespace exporter::web
