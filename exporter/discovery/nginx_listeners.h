// Which server of nginx a client gets on a socket, and so which certificate: by the exact name, by a wildcard, else the default
// one. https://nginx.org/en/docs/http/request_processing.html
#pragma once

#include <vector>

#include "exporter/discovery/nginx_servers.h"

namespace exporter::discovery {

// Adds what the `servers` of one block have to `found`.
void add_listeners(NginxKind kind, const std::vector<NginxServer>& servers, const ServerFiles& files, Troubles& troubles,
                   List& found);

}  // namespace exporter::discovery
