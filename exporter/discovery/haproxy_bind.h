// A `bind` line of haproxy: its addresses and what it says of TLS. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/discovery/haproxy_certificates.h"

namespace exporter::discovery {

struct Bind {
  Place place;
  std::vector<std::string> addresses;  // "10.0.0.1:443", wildcards made loopback; sockets of other kinds left out
  std::string name;
  std::vector<CertificateWord> certificates;
  std::vector<std::string> ca_files;  // `ca-file`, `ca-verify-file`: files or folders
  std::string verify;
  bool ssl = false;
  bool strict_sni = false;    // a client that names nobody, or nobody known, is turned away
  bool accept_proxy = false;  // the PROXY header must come ahead of TLS
  std::string header;         // what else must: "accept-netscaler-cip"; empty: nothing
};

// `words` of a line `bind ADDRESSES ...`; what makes no sense is named at `place`.
[[nodiscard]] Bind bind_of(const Words& words, const Place& place, Troubles& troubles);

}  // namespace exporter::discovery
