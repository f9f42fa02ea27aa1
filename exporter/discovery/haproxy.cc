#include "exporter/discovery/haproxy_configuration.h"
#include "exporter/discovery/server_configurations.h"

namespace exporter::discovery {

std::unique_ptr<Source> haproxy(const config::Discovery& discovery, const Surroundings&) {
  return std::make_unique<ServerConfigurations>(std::get<config::Haproxy>(discovery.source).paths,
                                                [](const std::string&, const std::string& text, const ServerFiles& files,
                                                   Errors& errors) { return read_haproxy(text, files, errors); });
}

}  // namespace exporter::discovery
