// Files for a reader of servers' configurations: every include finds the text itself, seven times in all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporter/discovery/server_files.h"

namespace tests::fuzz {

inline exporter::discovery::ServerFiles any_files(const std::string& text) {
  return {.read = [text, reads = 0](
                      const std::string&,
                      exporter::discovery::Errors&) mutable { return ++reads < 8 ? std::optional(text) : std::nullopt; },
          .matches = [](const std::string& pattern) { return std::vector{pattern}; },
          .leaf_name = [](const std::string&) { return std::string("leaf.example"); }};
}

}  // namespace tests::fuzz
