// What the sources share: making a candidate from what was found, and reading the files that describe them.
#pragma once

#include <chrono>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "exporter/discovery/server_files.h"
#include "exporter/materials/file_sighting.h"
#include "exporter/materials/folder_watch.h"
#include "probes/observations/certificate.h"

namespace exporter::discovery {

// Points `candidate` at `address` ("host:443", a URL, or a host alone). Why not, for people, if that is none or what the
// candidate says of itself cannot be: it is no target. Empty: done.
[[nodiscard]] std::string aim(Candidate& candidate, const std::string& address);

// The first DNS name of the certificate that could be asked for (no wildcard); empty if there is none.
[[nodiscard]] std::string leaf_name(const probes::observations::Certificate& certificate);
// Configuration and target files larger than this are not read: 200,000 targets with labels are about 40 MB.
inline constexpr std::size_t largest_list = 64u << 20;

// Files by pattern, and whether they changed. Used on a source's thread alone.
class WatchedFiles {
 public:
  explicit WatchedFiles(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

  // A new look begins: what the patterns match now, sorted, each once. A pattern without wildcards stands for itself.
  [[nodiscard]] std::vector<std::string> begin();

  // The content of a file, which is watched from now on; why not otherwise is named, at `asker` where another file asks for it.
  // Relative to nothing: absolute paths only.
  [[nodiscard]] std::optional<std::string> read(const std::string& path, const Place& asker, Troubles& troubles);

  // What a glob in one of the files matches, which is watched from now on.
  [[nodiscard]] std::vector<std::string> matches(const std::string& pattern);

  // The regular files of a folder by the bytes of their names, the folder watched from now on; nothing if it is none.
  [[nodiscard]] std::optional<std::vector<std::string>> entries(const std::string& folder);

  // Whether there is a file; watched from now on.
  [[nodiscard]] bool exists(const std::string& path);

  // The first certificate of a PEM file, or why there is none; watched from now on. Keys in the file are wiped from our memory.
  [[nodiscard]] std::variant<Leaf, Trouble> leaf(const std::string& path);

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
