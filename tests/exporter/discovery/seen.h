// What the reader of a server's configuration saw, as its tests ask for it, and the files it has.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "config/address.h"
#include "exporter/discovery/candidates.h"
#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

struct Seen {
  std::vector<Candidate> found;
  std::vector<std::string> certificate_files;
  Troubles troubles;

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
  // "server_name certificate_file", a question mark behind a name that is not judged, dashes for what is empty.
  std::vector<std::string> asked() const {
    std::vector<std::string> all;
    const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
    for (const Candidate& candidate : found)
      all.push_back(or_dash(candidate.server_name) + (candidate.name_judged ? " " : "? ") + or_dash(candidate.certificate_file));
    return all;
  }
  // "reason path:line"
  std::vector<std::string> places() const {
    std::vector<std::string> all;
    for (const Trouble& trouble : troubles.named()) all.push_back(std::string(word(trouble.reason)) + " " + place_text(trouble));
    return all;
  }
};

// A file that says "certificate a.example *.b.example" has one for these names, "rsa certificate ..." one with an RSA key, and
// "cn a.example" at its end a common name.
inline std::variant<Leaf, Trouble> leaf_in(const std::string& text) {
  Leaf leaf;
  std::istringstream words(text);
  std::string word;
  words >> word;
  if (word == "rsa" || word == "ecdsa") {
    leaf.key = word == "rsa" ? KeyKind::rsa : KeyKind::ecdsa;
    words >> word;
  }
  if (word != "certificate") return Trouble{.reason = SourceReason::no_certificates, .path = {}, .detail = "no certificate"};
  while (words >> word) {
    if (word == "cn") words >> leaf.common_name;
    else leaf.names.push_back(word);
  }
  return leaf;
}

// Files by path; every glob but those of one folder ("x/*.pem") matches all of them. The certificate in any leaf.pem is one for
// leaf.example.
inline ServerFiles some_files(const std::map<std::string, std::string>& content = {},
                              const std::map<std::string, std::string>& environment = {}) {
  return {.read = [content](const std::string& path, const Place& asker, Troubles& troubles) -> std::optional<std::string> {
            if (const auto file = content.find(path); file != content.end()) return file->second;
            troubles.add(SourceReason::not_found, asker, path);
            return std::nullopt;
          },
          .matches =
              [content](const std::string& pattern) {
                const std::size_t star = pattern.find('*');
                const std::string end = star == std::string::npos ? "" : pattern.substr(star + 1);
                std::vector<std::string> all;
                for (const auto& [path, text] : content)
                  if (path.ends_with(end)) all.push_back(path);
                return all;
              },
          .entries = [content](const std::string& folder) -> std::optional<std::vector<std::string>> {
            std::vector<std::string> all;
            const std::filesystem::path wanted = std::filesystem::path(folder) / "x";
            for (const auto& [path, text] : content)
              if (std::filesystem::path(path).parent_path() == wanted.parent_path()) all.push_back(path);
            return all.empty() ? std::nullopt : std::optional(all);
          },
          .exists = [content](const std::string& path) { return content.contains(path) || path.ends_with("/leaf.pem"); },
          .leaf = [content](const std::string& path) -> std::variant<Leaf, Trouble> {
            if (path.ends_with("/leaf.pem")) return leaf_in("certificate leaf.example");
            if (const auto file = content.find(path); file != content.end()) return leaf_in(file->second);
            return Trouble{.reason = SourceReason::not_found, .path = {}, .detail = "no such file"};
          },
          .environment = [environment](const std::string&, const std::string& name) -> std::optional<std::string> {
            const auto found = environment.find(name);
            return found == environment.end() ? std::nullopt : std::optional(found->second);
          }};
}

}  // namespace exporter::discovery
