// Which names lead to which certificate of a bind, as haproxy looks them up: the first certificate loaded has a name, one for
// each kind of key; an exact name goes before a wildcard. Pure; any thread.
#pragma once

#include <vector>

#include "exporter/discovery/haproxy_certificates.h"
#include "exporter/discovery/served_names.h"

namespace exporter::discovery {

struct LedName {
  std::optional<AskedName> name;      // absent: what a client gets that names nobody
  std::vector<std::size_t> leads_to;  // of the certificates
};

// Every name to ask for, in the order of the certificates. `strict`: who names nobody is turned away.
[[nodiscard]] std::vector<LedName> names_of(const std::vector<LoadedCertificate>& certificates, bool strict);

}  // namespace exporter::discovery
