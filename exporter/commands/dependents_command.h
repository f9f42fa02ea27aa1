// `mtls_exporter dependents ISSUER`: what breaks when this CA ends, as the running exporter knows it.
#pragma once

#include <ostream>
#include <string>

#include "exporter/commands/ask_exporter.h"

namespace exporter {

struct ListDependents {
  enum class Format { text, json };
  std::string issuer;  // its name, its common name or its key
  Format format = Format::text;
  std::string exporter = std::string(usual_exporter);
};

// What the exporter's answer comes to. Throws std::runtime_error where nobody knows the issuer, with the names that may have been
// meant, and where the answer is none. Pure.
[[nodiscard]] std::string listed(const ListDependents& wanted, const std::string& answer);

// The exit code: 0, or 2 when the exporter cannot be asked or does not know the issuer.
[[nodiscard]] int dependents_command(const ListDependents& wanted, std::ostream& out, std::ostream& err);

}  // namespace exporter
