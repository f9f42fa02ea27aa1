// The list of certificate authorities in a server's CertificateRequest: a frequent and silent cause of refusals.
#pragma once

#include <optional>

#include "probes/chain/trust_store.h"
#include "probes/observations/handshake.h"
#include "probes/tls/identity.h"

namespace probes::client_auth {

// At most this many names are kept; the count and the digest cover all.
inline constexpr std::size_t names_limit = 1000;

using AuthorityNames = STACK_OF(X509_NAME);

// By what the names of a list are known here; either may be null.
struct KnownAuthorities {
  const chain::TrustStore* trust = nullptr;   // the target's own: a name may turn out to belong to an expired authority
  const chain::TrustStore* system = nullptr;  // the operating system's: a public root, whose every customer would be let in
};

// What the list of a CertificateRequest says; null: no names. The same object for the same list, while that is remembered. Never
// null. Any thread.
[[nodiscard]] observations::AcceptableAuthoritiesPtr acceptable_authorities(const AuthorityNames* names,
                                                                            const KnownAuthorities& known,
                                                                            std::chrono::sys_seconds now);

// Does a certificate of the identity's chain come from a listed name? An empty list accepts any issuer.
[[nodiscard]] bool issuer_listed(const SSL* ssl, const tls::Identity& identity);

}  // namespace probes::client_auth
