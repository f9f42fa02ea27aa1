// `mtls_exporter callers`: who calls, as the running exporter knows it. It is asked over HTTP: records live with it.
#pragma once

#include <chrono>
#include <optional>
#include <ostream>
#include <string>

namespace exporter {

struct ListCallers {
  enum class Format { text, json, csv };
  std::string door;                                   // empty: all of them
  std::optional<std::chrono::milliseconds> expiring;  // only those that end within this, or have ended, and still call
  Format format = Format::text;
  std::string forget;  // a fingerprint: this caller is to be forgotten, and nothing is listed
  std::string exporter = "http://127.0.0.1:10219";
};

// What the exporter's answer comes to. Throws std::runtime_error where it is none. Pure.
[[nodiscard]] std::string listed(const ListCallers& wanted, const std::string& answer);

// The exit code: 0, or 2 when the exporter cannot be asked.
[[nodiscard]] int callers_command(const ListCallers& wanted, std::ostream& out, std::ostream& err);

}  // namespace exporter
