// Reads nginx's configuration for what it listens on with TLS: one candidate for each `server` and `listen ... ssl` of http,
// stream and mail. It understands what says where and with what; everything else is passed over. A line that makes no sense is
// one counted error. https://nginx.org/en/docs/http/ngx_http_core_module.html#listen
#pragma once

#include <string>
#include <vector>

#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

// A candidate is called by the first name of its server, and asked for the first with a dot in it. Wildcard addresses become
// loopback. Includes are relative to the folder of `path`. Where a server has several certificates, none is named: which one is
// served depends on who asks.
[[nodiscard]] std::vector<Candidate> read_nginx(const std::string& path, const std::string& text, const ServerFiles& files,
                                                Errors& errors);

}  // namespace exporter::discovery
