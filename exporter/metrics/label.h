// Label values. Much of what we publish as a label comes from the other side of a socket, and one bad byte makes Prometheus
// reject a whole scrape: everything passes through here. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace exporter::metrics {

// Long enough for every DNS name and distinguished name met in practice; short enough that a hostile certificate cannot fill a
// scrape.
inline constexpr std::size_t label_limit = 256;

// `raw` as valid UTF-8 without control characters: malformed sequences, C0, DEL, C1 and the bidirectional controls become U+FFFD.
// Longer than label_limit: cut at a character and ended with "~" and 16 hex digits of a digest over `raw`, so that two long
// different values stay different. Not escaped.
[[nodiscard]] std::string clean_label(std::string_view raw);

// Appends `name="value"` to `out`, after a comma unless `out` is empty; the value cleaned and escaped. `name` must be a valid
// label name.
void append_label(std::string& out, std::string_view name, std::string_view value);

// Appends a HELP text: backslash, line feed and (for OpenMetrics) the double quote escaped.
void append_help(std::string& out, std::string_view help, bool escape_quotes);

}  // namespace exporter::metrics
