#include "exporter/materials/file_sighting.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace exporter {

namespace fs = std::filesystem;

namespace {

// Only ever compared for equality: beyond 2262 it wraps round, as unsigned numbers may.
std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
                                   static_cast<std::uint64_t>(time.tv_nsec));
}

FileSighting look_at(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {.path = path, .error = errno};
  return {.path = path,
          .device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .modified = nanoseconds(status.st_mtim),
          .changed = nanoseconds(status.st_ctim)};
}

void look_at_path(const std::string& path, Sighting& seen) {
  seen.push_back(look_at(path));
  std::error_code error;
  if (!fs::is_directory(path, error)) return;
  std::vector<std::string> entries;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error))
    entries.push_back(entry->path().string());
  std::sort(entries.begin(), entries.end());
  for (const std::string& entry : entries) seen.push_back(look_at(entry));
}

}  // namespace

Sighting sight(const std::vector<std::string>& paths) {
  Sighting seen;
  for (const std::string& path : paths) seen.push_back(look_at(path));
  return seen;
}

Sighting sight_patterns(const std::vector<std::string>& patterns) {
  Sighting seen;
  for (const std::string& pattern : patterns) {
    look_at_path(pattern, seen);
    if (pattern.find_first_of("*?[") == std::string::npos) continue;
    glob_t found{};
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
      for (std::size_t index = 0; index < found.gl_pathc; ++index) look_at_path(found.gl_pathv[index], seen);
    globfree(&found);
  }
  return seen;
}

}  // namespace exporter
