// What the reader of a server's configuration saw, as its tests ask for it, and the files it has.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/address.h"
#include "exporter/discovery/candidates.h"
#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

struct Seen {
  std::vector<Candidate> found;
  Errors errors;

  std::vector<std::string> addresses() const {
    std::vector<std::string> all;
    for (const Candidate& candidate : found) all.push_back(config::address_text({candidate.host, candidate.port}));
    return all;
  }
  // "name address"
  std::vector<std::string> named() const {
    std::vector<std::string> all = addresses();
    for (std::size_t index = 0; index < all.size(); ++index) all[index].insert(0, found[index].name + " ");
    return all;
  }
};

// Files by path; every glob matches all of them. The certificate in any leaf.pem is one for leaf.example.
inline ServerFiles some_files(const std::map<std::string, std::string>& content = {}) {
  return {.read = [content](const std::string& path, Errors& errors) -> std::optional<std::string> {
            if (const auto file = content.find(path); file != content.end()) return file->second;
            ++errors[SourceReason::not_found];
            return std::nullopt;
          },
          .matches =
              [content](const std::string&) {
                std::vector<std::string> all;
                for (const auto& [path, text] : content) all.push_back(path);
                return all;
              },
          .leaf_name = [](const std::string& path) { return path.ends_with("/leaf.pem") ? "leaf.example" : ""; }};
}

}  // namespace exporter::discovery
