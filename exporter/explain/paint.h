// Colours, on a terminal only. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "probes/observations/finding.h"

namespace exporter::explain {

class Paint {
 public:
  explicit Paint(bool colours) : colours_(colours) {}

  [[nodiscard]] std::string bold(std::string_view text) const { return wrap("1", text); }
  [[nodiscard]] std::string good(std::string_view text) const { return wrap("32", text); }
  [[nodiscard]] std::string bad(std::string_view text) const { return wrap("31", text); }
  [[nodiscard]] std::string doubtful(std::string_view text) const { return wrap("33", text); }
  [[nodiscard]] std::string by(probes::observations::Severity severity, std::string_view text) const {
    using probes::observations::Severity;
    return severity == Severity::critical ? bad(text) : severity == Severity::warning ? doubtful(text) : std::string(text);
  }

 private:
  // ECMA-48 8.3.117, SELECT GRAPHIC RENDITION.
  std::string wrap(std::string_view code, std::string_view text) const {
    return colours_ ? "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m" : std::string(text);
  }
  bool colours_;
};

}  // namespace exporter::explain
