// `mtls_exporter rotation NAME`: how far a rotation from one CA to another is, what stands in the way by name, and which step is
// safe now, as the running exporter knows it.
#pragma once

#include <ostream>
#include <string>

#include "exporter/commands/ask_exporter.h"

namespace exporter {

struct ShowRotation {
  enum class Format { text, json };
  std::string name;
  Format format = Format::text;
  std::string exporter = std::string(usual_exporter);
};

struct ShownRotation {
  std::string text;
  bool complete = false;
};

// What the exporter's answer comes to. Throws std::runtime_error where there is no such rotation and where the answer is none.
// Pure.
[[nodiscard]] ShownRotation shown(const ShowRotation& wanted, const std::string& answer);

// The exit code: 0 complete, 1 something stands in the way, 2 when the exporter cannot be asked or has no such rotation.
[[nodiscard]] int rotation_command(const ShowRotation& wanted, std::ostream& out, std::ostream& err);

}  // namespace exporter
