#include "exporter/discovery/haproxy_configuration.h"
#include "exporter/discovery/server_configurations.h"

namespace exporter::discovery {

std::unique_ptr<Source> haproxy(const config::Discovery& discovery, const Surroundings&) {
  return std::make_unique<ServerConfigurations>(std::get<config::Haproxy>(discovery.source).paths, "haproxy", &read_haproxy);
}

}  // namespace exporter::discovery
