// The certificates that servers have sent before, read once and shared by every connection that receives them again. Handshakes
// run in a library context that cannot read a certificate's key (slim_library.h); what arrives there is exchanged for the
// certificate known by the same DER. Immutable; OpenSSL's own lazy caches in it are locked.
#pragma once

#include <memory>

#include "probes/observations/certificate.h"
#include "probes/tls/handles.h"

namespace probes::tls {

struct KnownCertificate {
  Ptr<X509> certificate;  // its key is readable unless OpenSSL cannot read it at all
  observations::CertificatePtr facts;
};
using KnownCertificatePtr = std::shared_ptr<const KnownCertificate>;

// What is known of a certificate with the DER of `received` (borrowed), reading it on first sight. Never null. Bounded: what was
// not seen for long is read again. Any thread.
[[nodiscard]] KnownCertificatePtr known_certificate(X509* received);

}  // namespace probes::tls
