// The `server`s of a block of nginx's configuration, as plain values: where they listen, what they are called, which certificates
// they have. What an inner block does not say it takes from the one around it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/discovery/nginx_directives.h"

namespace exporter::discovery {

enum class NginxKind : std::uint8_t { http, stream, mail };

// Of the name of a block; nothing: a block of another kind.
[[nodiscard]] std::optional<NginxKind> nginx_kind(std::string_view word);

struct NginxListen {
  Place place;
  std::string socket;   // what several servers share: "*:443", "[::]:443", "10.0.0.1:443"
  std::string address;  // where to reach it: wildcards made loopback
  bool ssl = false;
  bool proxy_protocol = false;
  bool default_server = false;
};

struct NginxServer {
  Place place;
  std::vector<NginxListen> listens;
  std::vector<std::string> names;         // lower case; ".x.example" as the two that it stands for; patterns ("~...") as written
  std::vector<std::string> certificates;  // whole paths, with their variables; those that are no files left out
  Place certificate_place;                // of the first `ssl_certificate`
  std::string verify;
  bool everywhere = false;  // `ssl on;`
  bool rejects = false;     // `ssl_reject_handshake on;`
  std::string protocol;     // of mail: "imap"; empty: by the port
  bool starttls = false;    // of mail
};

// `folder`: of the configuration file.
[[nodiscard]] std::vector<NginxServer> nginx_servers(NginxKind kind, const Block& block, const std::string& folder,
                                                     Troubles& troubles);

}  // namespace exporter::discovery
