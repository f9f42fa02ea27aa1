#include "exporter/discovery/nginx_configuration.h"

#include <filesystem>

#include "exporter/discovery/nginx_listeners.h"

namespace exporter::discovery {

List read_nginx(std::span<const ConfigurationFile> configuration, const ServerFiles& files, Troubles& troubles) {
  List found;
  for (const ConfigurationFile& file : configuration) {
    const std::string folder = std::filesystem::path(file.path).parent_path().string();
    for (const Directive& directive : read_directives(file, files, troubles))
      if (const auto kind = nginx_kind(directive.words[0]))
        add_listeners(*kind, nginx_servers(*kind, directive.block, folder, troubles), files, troubles, found);
  }
  return found;
}

}  // namespace exporter::discovery
