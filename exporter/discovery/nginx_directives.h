// The syntax of nginx's configuration: directives of words, blocks in blocks, and includes put in their places. What a directive
// means is not known here (nginx_configuration.h). Text is hostile: blocks, includes and directives are limited, and what makes
// no sense is counted and passed over.
#pragma once

#include <string>
#include <vector>

#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

struct Directive {
  std::vector<std::string> words;  // never empty: its name, then its arguments, without quotes
  std::vector<Directive> block;    // of one that ends with a block
};
using Block = std::vector<Directive>;

// `folder` anchors relative includes.
[[nodiscard]] Block read_directives(const std::string& text, const std::string& folder, const ServerFiles& files, Errors& errors);

}  // namespace exporter::discovery
