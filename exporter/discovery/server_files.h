// How readers of configurations get at what lies around them, so that they can be tested, and fuzzed, on text alone.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "exporter/discovery/source.h"

namespace exporter::discovery {

enum class KeyKind : std::uint8_t { rsa, ecdsa, other };

// What the first certificate of a file says of itself.
struct Leaf {
  std::vector<std::string> names;  // DNS names, lower case, wildcards included; those that no client can ask for are left out
  std::string common_name;         // lower case; empty: none, or no name of a host
  KeyKind key = KeyKind::other;
};

// One file of a configuration.
struct ConfigurationFile {
  std::string path;
  std::string text;
};

struct ServerFiles {
  // Why a file cannot be read is named at `asker`.
  std::function<std::optional<std::string>(const std::string& path, const Place& asker, Troubles& troubles)> read;
  std::function<std::vector<std::string>(const std::string& pattern)> matches;  // a glob, or a path
  // The regular files of a folder, links to such included, by the bytes of their names. Nothing: it is no folder.
  std::function<std::optional<std::vector<std::string>>(const std::string& folder)> entries;
  std::function<bool(const std::string& path)> exists;
  // The first certificate in a PEM file, or why there is none; no path in the trouble.
  std::function<std::variant<Leaf, Trouble>(const std::string& path)> leaf;
  // A variable in the environment of the service that has the configuration `path`; nothing: it has none, or that cannot be told.
  std::function<std::optional<std::string>(const std::string& path, const std::string& variable)> environment;
};

}  // namespace exporter::discovery
