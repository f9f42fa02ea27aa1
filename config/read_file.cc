#include "config/read_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace config {

std::optional<std::string> read_file(const std::string& path, Mistakes& mistakes, std::size_t limit) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    mistakes.add({}, "is a folder", "name a file");
    return {};
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text;
  for (char chunk[16384]; stream && text.size() <= limit;) {
    stream.read(chunk, sizeof chunk);
    text.append(chunk, stream.gcount());
  }
  if (!stream.eof() && text.size() <= limit) {
    mistakes.add({}, std::string("cannot be read: ") + std::strerror(errno), "");
    return {};
  }
  if (text.size() > limit) {
    mistakes.add({}, "larger than " + std::to_string(limit) + " bytes", "split it");
    return {};
  }
  return text;
}

}  // namespace config
