// What can be seen of files without reading them. Two sightings differ when a file was written, replaced, swapped through a
// symbolic link (as Kubernetes does with secrets), has appeared, gone, or had its permissions changed. Blocking; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace exporter {

struct FileSighting {
  std::string path;
  int error = 0;  // errno of the look; the rest is zero then
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified = 0;  // nanoseconds since 1970
  std::int64_t changed = 0;   // the same for the inode: no tool can turn it back
  bool operator==(const FileSighting&) const = default;
};

using Sighting = std::vector<FileSighting>;

// Looks at each path; links are followed.
[[nodiscard]] Sighting sight(const std::vector<std::string>& paths);

// The same for paths, directories (their entries too) and globs, as a trust store's ca_files are.
[[nodiscard]] Sighting sight_patterns(const std::vector<std::string>& patterns);

}  // namespace exporter
