// The syntax of nginx's configuration: directives of words, blocks in blocks, and includes put in their places. What a directive
// means is not known here (nginx_configuration.h). Text is hostile: blocks, includes and directives are limited, and what makes
// no sense is named with its place and passed over.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

struct Directive {
  std::vector<std::string> words;           // never empty: its name, then its arguments, without quotes
  std::vector<Directive> block;             // of one that ends with a block
  std::shared_ptr<const std::string> file;  // where it stands; never null
  std::uint32_t line = 0;                   // where it begins
  [[nodiscard]] Place place() const { return {*file, line}; }
};
using Block = std::vector<Directive>;

// Relative includes are relative to the folder of `configuration`, wherever they stand.
[[nodiscard]] Block read_directives(const ConfigurationFile& configuration, const ServerFiles& files, Troubles& troubles);

}  // namespace exporter::discovery
