#include "probes/tls/secret_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace probes::tls {

namespace {

FileContent trouble(int error) {
  FileContent file;
  file.missing = error == ENOENT || error == ENOTDIR;
  file.trouble = std::generic_category().message(error);
  return file;
}

FileContent trouble(std::string text) {
  FileContent file;
  file.trouble = std::move(text);
  return file;
}

// One byte more than the file had: a file that grew meanwhile is being written.
FileContent read_open(int descriptor, const struct stat& status) {
  const auto size = static_cast<std::size_t>(status.st_size);
  FileContent file;
  file.world_readable = (status.st_mode & S_IROTH) != 0;
  file.bytes = Secret(size + 1);
  std::size_t filled = 0;
  while (filled <= size) {
    const ssize_t count = read(descriptor, file.bytes.data() + filled, size + 1 - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return trouble(errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  if (filled > size) return trouble("it grew while it was read");
  file.bytes.truncate(filled);
  return file;
}

}  // namespace

Secret::~Secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Secret& Secret::operator=(Secret&& other) noexcept {
  bytes_.swap(other.bytes_);
  return *this;
}

void Secret::truncate(std::size_t size) {
  OPENSSL_cleanse(bytes_.data() + size, bytes_.size() - size);
  bytes_.resize(size);
}

FileContent read_file(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: opening a pipe without a writer would wait for one.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return trouble(errno);
  struct stat status {};
  FileContent file;
  if (fstat(descriptor, &status) != 0) {
    file = trouble(errno);
  } else if (!S_ISREG(status.st_mode)) {
    file = trouble("it is not a regular file");
  } else if (static_cast<std::size_t>(status.st_size) > limit) {
    file = trouble("it has " + std::to_string(status.st_size) + " bytes, the limit is " + std::to_string(limit));
  } else {
    file = read_open(descriptor, status);
  }
  close(descriptor);
  return file;
}

FileContent read_passphrase(const std::string& path) {
  FileContent file = read_file(path, passphrase_limit);
  std::string_view line = file.bytes.view();
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r') && line.size() < file.bytes.view().size()) line.remove_suffix(1);
  file.bytes.truncate(line.size());
  return file;
}

}  // namespace probes::tls
