// The exporter's log, on standard error: one line per event, as logfmt or JSON. Any thread. Values may be hostile: both formats
// escape them. Secrets never get here.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace exporter {

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { logfmt, json };

// Once, before any thread logs.
void start_log(LogLevel level, LogFormat format);

// A text, which is borrowed, or a number, which JSON has without quotes.
class LogValue {
 public:
  LogValue(std::string_view text) : value_(text) {}
  LogValue(const std::string& text) : value_(std::string_view(text)) {}
  LogValue(const char* text) : value_(std::string_view(text)) {}
  template <std::integral Number>
  LogValue(Number number) : value_(static_cast<std::int64_t>(number)) {}

  const std::string_view* text() const { return std::get_if<std::string_view>(&value_); }
  std::int64_t number() const { return std::get<std::int64_t>(value_); }  // REQUIRES: it is no text

 private:
  std::variant<std::string_view, std::int64_t> value_;
};

using LogFields = std::vector<std::pair<std::string_view, LogValue>>;

void log(LogLevel level, std::string_view message, const LogFields& fields = {});

// Would such a line be written? For lines that are costly to put together.
[[nodiscard]] bool logs(LogLevel level);

// The line without time and level, for start_log's formats: `msg="..." key=value` or the JSON members. Fields of an empty text
// are left out.
[[nodiscard]] std::string log_line(LogFormat format, std::string_view message, const LogFields& fields);

}  // namespace exporter
