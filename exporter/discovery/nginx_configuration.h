// Reads nginx's configuration for what it listens on with TLS: the `server`s of http, stream and mail (nginx_servers.h), and
// which of them a client gets by which name (nginx_listeners.h). Everything else is passed over; a line that matters and makes no
// sense, or cannot be followed, is a trouble with its place. https://nginx.org/en/docs/http/server_names.html
#pragma once

#include <span>

#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

// One candidate for each address and name that a client would use, called by that name; one without a name where a client that
// names nobody gets a certificate that nothing else leads to. Includes and certificates are relative to the folder of their
// configuration file. Certificates that no name leads to, and those of servers with several, are certificate files besides.
[[nodiscard]] List read_nginx(std::span<const ConfigurationFile> configuration, const ServerFiles& files, Troubles& troubles);

}  // namespace exporter::discovery
