// Reads haproxy's configuration for what it listens on with TLS: the `bind ... ssl` of frontend, listen, peers and log-forward
// sections, with every certificate they load. Everything else is passed over; a line that matters and makes no sense, or cannot
// be followed, is a trouble with its place. haproxy's manual, "bind" and 2.2, "Quoting and escaping".
#pragma once

#include <span>

#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

// The files of one haproxy, in its order: `global` and `defaults` of one hold for the next. One candidate for each address and
// name that leads to a certificate; one without a name where a client that names nobody gets a certificate that nothing else
// leads to. A candidate is called by its section, "section/bind" where that has several addresses (the bind's `name`, or the
// address), and the name behind it where there are several. Wildcard addresses become loopback. `mode http` is https.
// Certificates that no name leads to, and those of names with one for each kind of key, are certificate files besides.
[[nodiscard]] List read_haproxy(std::span<const ConfigurationFile> configuration, const ServerFiles& files, Troubles& troubles);

}  // namespace exporter::discovery
