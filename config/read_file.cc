#include "config/read_file.h"

#include <cerrno>

#include "config/regular_file.h"

namespace config {

std::optional<std::string> read_file(const std::string& path, Mistakes& mistakes, std::size_t limit) {
  auto result = read_regular_file(path, limit);
  if (auto* text = std::get_if<std::string>(&result)) return std::move(*text);
  const auto& trouble = std::get<FileTrouble>(result);
  if (trouble.code == EISDIR) mistakes.add({}, "is a folder", "name a file");
  else if (trouble.code != 0) mistakes.add({}, "cannot be read: " + trouble.why, "");
  else mistakes.add({}, trouble.why, "name a regular file of at most " + std::to_string(limit) + " bytes");
  return {};
}

}  // namespace config
