// Two certificates behind one port, RSA beside ECDSA: a client is shown the one that its signature algorithms ask for. A second
// handshake that offers those of the other kind only tells whether there is another. Pure; any thread.
#pragma once

#include <memory>

#include "config/settings.h"
#include "probes/observations/handshake.h"

namespace exporter::explain {

// `target` as it is to be asked for the other kind of key than it showed, and asked for nothing else; null: it showed none, or
// one of a kind that has no other.
[[nodiscard]] std::shared_ptr<const config::Target> asking_for_other_key(const config::Target& target,
                                                                         const probes::observations::Handshake& seen);

// The leaf that answered, where it is of another kind of key than the one `seen`; null: there is no other.
[[nodiscard]] probes::observations::CertificatePtr other_leaf(const probes::observations::Handshake& seen,
                                                              const probes::observations::Handshake& answered);

}  // namespace exporter::explain
