#include "exporter/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>

namespace exporter {

namespace {

struct Log {
  std::shared_ptr<spdlog::logger> logger =
      std::make_shared<spdlog::logger>("mtls_exporter", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  LogFormat format = LogFormat::logfmt;
};

Log& the_log() {
  static Log log;
  return log;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

// A JSON string, which a logfmt reader understands too. Invalid UTF-8 is replaced.
std::string in_quotes(std::string_view text) {
  return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c > '~') return false;
  return true;
}

}  // namespace

namespace {

std::string json_text(const LogValue& value) {
  return value.text() != nullptr ? in_quotes(*value.text()) : std::to_string(value.number());
}

std::string logfmt_text(const LogValue& value) {
  if (value.text() == nullptr) return std::to_string(value.number());
  return plain(*value.text()) ? std::string(*value.text()) : in_quotes(*value.text());
}

}  // namespace

std::string log_line(LogFormat format, std::string_view message, const LogFields& fields) {
  const bool json = format == LogFormat::json;
  std::string line = json ? "\"msg\":" + in_quotes(message) : "msg=" + in_quotes(message);
  for (const auto& [name, value] : fields) {
    if (value.text() != nullptr && value.text()->empty()) continue;
    line += json ? "," + in_quotes(name) + ":" + json_text(value) : " " + std::string(name) + "=" + logfmt_text(value);
  }
  return line;
}

void start_log(LogLevel level, LogFormat format) {
  Log& log = the_log();
  log.format = format;
  const char* logfmt = "ts=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";
  const char* json = "{\"ts\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}";
  log.logger->set_pattern(format == LogFormat::json ? json : logfmt, spdlog::pattern_time_type::utc);
  log.logger->set_level(level_of(level));
}

bool logs(LogLevel level) { return the_log().logger->should_log(level_of(level)); }

void log(LogLevel level, std::string_view message, const LogFields& fields) {
  Log& log = the_log();
  if (log.logger->should_log(level_of(level))) log.logger->log(level_of(level), "{}", log_line(log.format, message, fields));
}

}  // namespace exporter
