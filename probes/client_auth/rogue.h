// The rogue: a lookalike of an identity, made in memory, that a door which checks must turn away. Same subject, SANs and EKUs,
// issued by an unknown CA that bears the real issuer's name but has its own key and its own key identifier.
#pragma once

#include <chrono>

#include "probes/tls/identity.h"

namespace probes::client_auth {

// A lookalike of `original` (which must have a leaf), valid around `now`; named "rogue". The key is fresh, EC P-256. With
// `authority_key_identifier` false the leaf carries no AKI (OpenSSL servers then answer alert 51 instead of 48). Costs two
// key generations; any thread. Null only if OpenSSL fails.
[[nodiscard]] tls::IdentityPtr rogue(const tls::Identity& original, std::chrono::sys_seconds now,
                                     bool authority_key_identifier = true);

// A rogue for targets that have no identity of their own: subject "CN=mtls_exporter rogue", a CA of the same name.
[[nodiscard]] tls::IdentityPtr nobody(std::chrono::sys_seconds now);

}  // namespace probes::client_auth
