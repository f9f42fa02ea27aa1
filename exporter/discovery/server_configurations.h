// What nginx and haproxy have in common as sources: files that name their servers, read again when one of them changes. A file
// that cannot be read keeps its last good list.
#pragma once

#include <functional>

#include "exporter/discovery/candidates.h"
#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

class ServerConfigurations final : public Source {
 public:
  using Read = std::function<std::vector<Candidate>(const std::string& path, const std::string& text, const ServerFiles& files,
                                                    Errors& errors)>;

  ServerConfigurations(std::vector<std::string> patterns, Read read);

  Look look(const std::stop_token& stopping) override;
  void rest(const std::stop_token& stopping, std::chrono::milliseconds interval) override { watched_.rest(stopping, interval); }

 private:
  WatchedFiles watched_;
  const Read read_;
  ServerFiles files_;
  std::map<std::string, std::vector<Candidate>> last_good_;  // by path
};

}  // namespace exporter::discovery
