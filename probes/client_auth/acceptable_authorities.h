// The list of certificate authorities in a server's CertificateRequest: a frequent and silent cause of refusals.
#pragma once

#include <optional>

#include "probes/chain/trust_store.h"
#include "probes/observations/handshake.h"
#include "probes/tls/identity.h"

namespace probes::client_auth {

// At most this many names are kept; the count and the digest cover all.
inline constexpr std::size_t names_limit = 1000;

// The list the server sent on this connection. REQUIRES: a CertificateRequest came. `trust`: certificates known here, by which a
// name may turn out to belong to an expired authority; null: none.
[[nodiscard]] observations::AcceptableAuthorities acceptable_authorities(const SSL* ssl, const chain::TrustStore* trust,
                                                                         std::chrono::sys_seconds now);

// Does a certificate of the identity's chain come from a listed name? An empty list accepts any issuer.
[[nodiscard]] bool issuer_listed(const SSL* ssl, const tls::Identity& identity);

}  // namespace probes::client_auth
