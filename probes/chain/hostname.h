// Does a certificate carry the name we asked for? OpenSSL's rules (RFC 6125): SANs first, a CN only where there is no DNS SAN,
// wildcards as the whole left-most label, IP literals against IP SANs only, IDNA names as A-labels, one trailing dot ignored.
#pragma once

#include <string_view>

#include <openssl/x509.h>

namespace probes::chain {

// `name`: a host name or an IP literal without brackets. An empty name, or one with a NUL, matches nothing. Any thread.
[[nodiscard]] bool hostname_matches(X509* leaf, std::string_view name);

}  // namespace probes::chain
