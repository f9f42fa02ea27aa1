// A cell of RFC 4180 that no spreadsheet runs. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace exporter::explain {

// A text that begins as a formula does (=, +, -, @, tab, return) gets an apostrophe ahead; quotes where they are needed. `text`
// is clean: valid UTF-8 without control characters.
[[nodiscard]] std::string csv_cell(std::string text);

}  // namespace exporter::explain
