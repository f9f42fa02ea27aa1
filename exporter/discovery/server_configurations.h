// What nginx and haproxy have in common as sources: files that name their servers, read again when one of them changes. A file
// that cannot be read counts as it was when it last could.
#pragma once

#include <functional>

#include "exporter/discovery/candidates.h"
#include "exporter/discovery/server_files.h"
#include "exporter/discovery/service_environment.h"

namespace exporter::discovery {

class ServerConfigurations final : public Source {
 public:
  using Read =
      std::function<List(std::span<const ConfigurationFile> configuration, const ServerFiles& files, Troubles& troubles)>;

  // `program`: whose environment variables are in the configuration.
  ServerConfigurations(std::vector<std::string> patterns, std::string program, Read read);

  Look look(const std::stop_token& stopping) override;
  void rest(const std::stop_token& stopping, std::chrono::milliseconds interval) override { watched_.rest(stopping, interval); }

 private:
  std::optional<std::string> read(const std::string& path, const Place& asker, Troubles& troubles);

  WatchedFiles watched_;
  const Read read_;
  ServiceEnvironment environment_;
  ServerFiles files_;
  std::map<std::string, std::string> last_good_;  // by path
  std::map<std::string, std::string> now_;        // the same, of the look under way
  bool complete_ = true;                          // of the look under way
};

}  // namespace exporter::discovery
