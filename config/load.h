// Reads the configuration file. Pure but for reading the one file it is given (secrets, certificates and keys
// are only named here, never opened); callable from any thread.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/endpoint.h"
#include "config/settings.h"

namespace config {

// The words that other rooms own and the configuration may use. Handed in, so that includes keep pointing one way.
struct Vocabulary {
  std::vector<std::string_view> protocols;                               // rows of the protocol table
  std::vector<std::string_view> findings;                                // words of the findings table
  std::vector<std::string_view> reserved_labels;                         // label names of our own families
  DefaultPorts default_ports = {};                                       // of each protocol; 0: it has none
  std::function<std::optional<std::string>(const Tls&)> unfit_tls = {};  // what OpenSSL does not understand; empty: not asked
};

// A configuration that cannot be used. what() is "FILE:LINE:COLUMN: what is wrong; what would be right"
// (line and column from 1), one line per mistake: every mistake of a file is reported, not the first.
class ConfigurationError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Reads and checks `path`. Throws ConfigurationError. Relative paths inside are relative to the file's folder.
[[nodiscard]] Settings load(const std::string& path, const Vocabulary& vocabulary);

// The same for text in memory; `path` names it in errors and anchors relative paths.
[[nodiscard]] Settings load_text(std::string_view text, const std::string& path, const Vocabulary& vocabulary);

}  // namespace config
