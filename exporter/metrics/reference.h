// The tables of docs/, made from the code's. Pure; any thread.
#pragma once

#include <string>

namespace exporter::metrics {

// Every family: name, type, labels, level, meaning. Markdown, lines end with a line feed.
[[nodiscard]] std::string metrics_table();

// The names of blackbox_exporter that /probe answers with: name, labels, meaning.
[[nodiscard]] std::string blackbox_table();

// Every failure: stage, reason, meaning.
[[nodiscard]] std::string reasons_table();

}  // namespace exporter::metrics
