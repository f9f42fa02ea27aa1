// The exporter's log, on standard error: one line per event, as logfmt or JSON. Any thread. Values may be hostile: both formats
// escape them. Secrets never get here.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace exporter {

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { logfmt, json };

// Once, before any thread logs.
void start_log(LogLevel level, LogFormat format);

using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

void log(LogLevel level, std::string_view message, LogFields fields = {});

// The line without time and level, for start_log's formats: `msg="..." key=value` or the JSON members.
[[nodiscard]] std::string log_line(LogFormat format, std::string_view message, LogFields fields);

}  // namespace exporter
