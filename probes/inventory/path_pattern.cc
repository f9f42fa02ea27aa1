#include "probes/inventory/path_pattern.h"

#include <fnmatch.h>

#include <filesystem>
#include <span>
#include <vector>

namespace probes::inventory {

namespace {

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  for (const std::filesystem::path& part : std::filesystem::path(path).lexically_normal())
    if (!part.empty() && part != "/") parts.push_back(part.string());
  return parts;
}

bool fits(const std::string& pattern, const std::string& name) { return fnmatch(pattern.c_str(), name.c_str(), 0) == 0; }

// As for texts with stars: where it does not go on, the last `**` takes one folder more.
bool fits(std::span<const std::string> patterns, std::span<const std::string> names) {
  std::size_t pattern = 0, name = 0, star = patterns.size(), taken = 0;
  while (name < names.size()) {
    if (pattern < patterns.size() && patterns[pattern] == "**") {
      star = pattern++;
      taken = name;
    } else if (pattern < patterns.size() && fits(patterns[pattern], names[name])) {
      ++pattern;
      ++name;
    } else if (star < patterns.size()) {
      pattern = star + 1;
      name = ++taken;
    } else {
      return false;
    }
  }
  while (pattern < patterns.size() && patterns[pattern] == "**") ++pattern;
  return pattern == patterns.size();
}

}  // namespace

bool path_matches(const std::string& pattern, const std::string& path) {
  const std::vector<std::string> names = parts_of(path);
  if (pattern.find('/') == std::string::npos) return !names.empty() && fits(pattern, names.back());
  return fits(parts_of(pattern), names);
}

}  // namespace probes::inventory
