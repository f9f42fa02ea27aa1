#include "config/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace config {

namespace {

std::variant<std::string, FileTrouble> read_open(int descriptor, std::size_t limit) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return FileTrouble{errno, std::strerror(errno)};
  if (S_ISDIR(status.st_mode)) return FileTrouble{EISDIR, std::strerror(EISDIR)};
  if (!S_ISREG(status.st_mode)) return FileTrouble{0, "not a regular file"};
  std::string text;
  char chunk[16384];
  while (text.size() <= limit) {
    const ssize_t size = read(descriptor, chunk, sizeof chunk);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return FileTrouble{errno, std::strerror(errno)};
    if (size == 0) return text;
    text.append(chunk, static_cast<std::size_t>(size));
  }
  return FileTrouble{0, "larger than " + std::to_string(limit) + " bytes"};
}

}  // namespace

std::variant<std::string, FileTrouble> read_regular_file(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: opening a pipe without a writer would wait for one.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return FileTrouble{errno, std::strerror(errno)};
  auto result = read_open(descriptor, limit);
  close(descriptor);
  return result;
}

}  // namespace config
