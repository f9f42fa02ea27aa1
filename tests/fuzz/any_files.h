// Files for a reader of servers' configurations: every include finds the text itself, seven times in all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporter/discovery/server_files.h"

namespace tests::fuzz {

inline exporter::discovery::ServerFiles any_files(const std::string& text) {
  using namespace exporter::discovery;
  return {.read = [text, reads = 0](const std::string&, const Place&,
                                    Troubles&) mutable { return ++reads < 8 ? std::optional(text) : std::nullopt; },
          .matches =
              [](const std::string& pattern) {
                return std::vector{pattern, pattern + "x"};
              },
          .entries = [](const std::string& folder) -> std::optional<std::vector<std::string>> {
            return folder.ends_with('/') ? std::optional(std::vector{folder + "a.pem", folder + "b.pem.rsa"}) : std::nullopt;
          },
          .exists = [](const std::string& path) { return path.ends_with('a') || path.ends_with("m"); },
          .leaf = [](const std::string& path) -> std::variant<Leaf, Trouble> {
            if (path.ends_with('x')) return Trouble{};
            return Leaf{.names = {"leaf.example", "*.leaf.example", path}, .common_name = "leaf.example", .key = KeyKind::rsa};
          },
          .environment = [](const std::string&, const std::string& name) -> std::optional<std::string> {
            return name.size() > 3 ? std::nullopt : std::optional(name + "/");
          }};
}

}  // namespace tests::fuzz
