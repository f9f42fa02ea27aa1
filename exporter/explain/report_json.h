// What `probe` found, for scripts: every field of each observation. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "exporter/explain/account.h"

namespace exporter::explain {

// {"good": true, "probes": [...]}, indented, ended with a line feed. Times are RFC 3339 in UTC, durations in seconds; what is not
// known is null. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string report_json(const std::vector<Account>& accounts);

}  // namespace exporter::explain
