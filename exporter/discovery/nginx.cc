#include "exporter/discovery/nginx_configuration.h"
#include "exporter/discovery/server_configurations.h"

namespace exporter::discovery {

std::unique_ptr<Source> nginx(const config::Discovery& discovery, const Surroundings&) {
  return std::make_unique<ServerConfigurations>(std::get<config::Nginx>(discovery.source).paths, "nginx", &read_nginx);
}

}  // namespace exporter::discovery
