// /api/v1/expiries.ics: what expires within 90 days, as a calendar to subscribe to (RFC 5545), or what a filter leaves of it:
// one for each team. Pure; any thread.
#pragma once

#include <string>

#include "exporter/api/filter.h"
#include "exporter/estate/estate.h"

namespace exporter::api {

// `external_url`: where the entries lead; empty: nowhere.
[[nodiscard]] std::string expiries_ics(const Estate& estate, WallTime now, const Filter& filter = {},
                                       const std::string& external_url = "");

// A content line: escaped where `text` is TEXT (RFC 5545 3.3.11), folded at 75 octets and never within a character, ended by
// CRLF.
[[nodiscard]] std::string ics_line(std::string_view name, std::string_view text);

}  // namespace exporter::api
