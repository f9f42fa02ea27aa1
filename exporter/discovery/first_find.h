// What a first look (probes/look/first_look.h) found, as facts: of the certificate, and whether the server asks for a client's.
// They are those of TLS 1.2 or older, as the server said them, and nothing is proved: no mode, no verdict. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/look/flight_reader.h"
#include "probes/observations/certificate.h"

namespace exporter::discovery {

struct FirstFind {
  std::string_view version;                   // "TLSv1.2": of which the rest is true
  probes::observations::CertificatePtr leaf;  // never null
  bool asks = false;                          // for a client certificate
  std::size_t acceptable = 0;                 // names in its list of acceptable CAs
};

// Absent where the server's own certificate cannot be read.
[[nodiscard]] std::optional<FirstFind> first_find(const probes::look::Look& look);

// The names of its list, RFC 2253, at most `most`. What OpenSSL cannot read is left out.
[[nodiscard]] std::vector<std::string> acceptable_names(const probes::look::Look& look, std::size_t most);

}  // namespace exporter::discovery
