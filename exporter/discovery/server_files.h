// How readers of configurations get at files, so that they can be tested, and fuzzed, on text alone.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "exporter/discovery/source.h"

namespace exporter::discovery {

struct ServerFiles {
  std::function<std::optional<std::string>(const std::string& path, Errors& errors)> read;
  std::function<std::vector<std::string>(const std::string& pattern)> matches;  // a glob, or a path
  std::function<std::string(const std::string& path)>
      leaf_name;  // the first DNS name of the certificate in a PEM file; "" without one
};

}  // namespace exporter::discovery
