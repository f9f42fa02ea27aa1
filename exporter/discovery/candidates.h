// What the sources share: making a candidate from what was found, and reading the files that describe them.
#pragma once

#include <chrono>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "exporter/discovery/source.h"
#include "exporter/materials/file_sighting.h"
#include "exporter/materials/folder_watch.h"
#include "probes/observations/certificate.h"

namespace exporter::discovery {

// Points `candidate` at `address` ("host:443"). False if it is none, or what the candidate says of itself cannot be: it is no
// target.
[[nodiscard]] bool aim(Candidate& candidate, const std::string& address);

// The first DNS name of the certificate that could be asked for (no wildcard); empty if there is none.
[[nodiscard]] std::string leaf_name(const probes::observations::Certificate& certificate);
// The same of the first certificate of a PEM file; empty where there is none. Blocking.
[[nodiscard]] std::string leaf_name(const std::string& path);

// Configuration and target files larger than this are not read: 200,000 targets with labels are about 40 MB.
inline constexpr std::size_t largest_list = 64u << 20;

// Files by pattern, and whether they changed. Used on a source's thread alone.
class WatchedFiles {
 public:
  explicit WatchedFiles(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

  // A new look begins: what the patterns match now, sorted, each once. A pattern without wildcards stands for itself.
  [[nodiscard]] std::vector<std::string> begin();

  // The content of a file, which is watched from now on; counts why not otherwise. Relative to nothing: absolute paths only.
  [[nodiscard]] std::optional<std::string> read(const std::string& path, Errors& errors);

  // What a glob in one of the files matches, which is watched from now on.
  [[nodiscard]] std::vector<std::string> matches(const std::string& pattern);

  // Returns once a file of this look changed, appeared or has gone, or after `interval`. Where inotify does not work, changes are
  // seen within two seconds.
  void rest(const std::stop_token& stopping, std::chrono::milliseconds interval);

 private:
  [[nodiscard]] bool changed() const;

  const std::vector<std::string> patterns_;
  Sighting before_;                        // of patterns_, as the look began
  std::map<std::string, Sighting> files_;  // read in this look, as they were met
  std::map<std::string, Sighting> globs_;  // asked for in this look, as they were met
  FolderWatch folders_;
};

}  // namespace exporter::discovery
