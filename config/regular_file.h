// Reads a regular file whole, up to a limit. Pipes, devices and folders are refused before a byte is read: opening one must
// neither wait for a writer nor fill the memory.
#pragma once

#include <cstddef>
#include <string>
#include <variant>

namespace config {

struct FileTrouble {
  int code = 0;     // errno; EISDIR for a folder; 0 when the file is there but unfit
  std::string why;  // for people
};

// The content of `path`, at most `limit` bytes, or why not. Blocking; any thread.
[[nodiscard]] std::variant<std::string, FileTrouble> read_regular_file(const std::string& path, std::size_t limit);

}  // namespace config
