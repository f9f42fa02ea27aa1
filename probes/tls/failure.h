// Turns the way a TLS session stopped into a stage, a reason of the closed list and the alert. Pure.
#pragma once

#include "probes/observations/reason.h"
#include "probes/tls/session.h"
#include "probes/tls/trace.h"

namespace probes::tls {

// REQUIRES: stop.end is not ok. A stop that follows our Certificate message in answer to a CertificateRequest is a judgement on
// it (stage client_certificate); anything else belongs to the handshake.
[[nodiscard]] observations::Failure explain(const Trace& trace, const Stop& stop);

}  // namespace probes::tls
