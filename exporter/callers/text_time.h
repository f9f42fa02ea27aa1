// Times as servers write them in their logs and about certificates. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "probes/observations/wall_time.h"

namespace exporter::callers {

// "2026-11-28T13:00:00.25+01:00" and the same with "Z" or "+0100" (ISO 8601), "Nov 28 12:00:00 2026 GMT" (OpenSSL, nginx,
// Apache), "261128120000Z" and "20261128120000Z" (ASN.1, haproxy), "1795867200.123" (seconds since 1970). Nothing for anything
// else.
[[nodiscard]] std::optional<probes::observations::WallTime> read_time(std::string_view text);

}  // namespace exporter::callers
