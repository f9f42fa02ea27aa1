#include "probes/inventory/below_root.h"

#include <deque>
#include <filesystem>
#include <system_error>

namespace probes::inventory {

namespace fs = std::filesystem;

namespace {

constexpr int most_links = 40;  // as the kernel has it

void put_before(std::deque<fs::path>& parts, const fs::path& path) {
  std::deque<fs::path> first;
  for (const fs::path& part : path.relative_path())
    if (!part.empty() && part != ".") first.push_back(part);
  parts.insert(parts.begin(), first.begin(), first.end());
}

}  // namespace

bool lies_under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || folder.ends_with('/') || path[folder.size()] == '/');
}

std::string below_root(const std::string& path, const std::string& root) {
  if (root.empty() || !lies_under(path, root)) return path;
  std::deque<fs::path> parts;
  put_before(parts, path.substr(root.size()));
  fs::path below;
  for (int links = 0; !parts.empty() && links <= most_links;) {
    const fs::path part = parts.front();
    parts.pop_front();
    if (part == "..") {
      below = below.parent_path();
      continue;
    }
    std::error_code no_link;
    const fs::path target = fs::read_symlink(root / below / part, no_link);
    if (no_link) {
      below /= part;
      continue;
    }
    ++links;
    if (target.is_absolute()) below.clear();
    put_before(parts, target);
  }
  return parts.empty() ? (root / below).string() : path;
}

}  // namespace probes::inventory
