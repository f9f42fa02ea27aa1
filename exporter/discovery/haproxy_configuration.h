// Reads haproxy's configuration for what it listens on with TLS: one candidate for each address of a `bind ... ssl` of frontend
// and listen sections. Everything else is passed over; a line that makes no sense is one counted error. haproxy's manual, "bind"
// and 2.2, "Quoting and escaping".
#pragma once

#include <string>
#include <vector>

#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

// A candidate is called by its section, and where the section has several TLS addresses by "section/bind": the bind's `name`, or
// its address. Its server name is the first DNS name of its certificate. Wildcard addresses become loopback. `crt` with a folder
// or given several times names no file.
[[nodiscard]] std::vector<Candidate> read_haproxy(const std::string& text, const ServerFiles& files, Errors& errors);

}  // namespace exporter::discovery
