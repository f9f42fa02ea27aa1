// A knock is a probe with an identity that must be turned away. Its answer is compared with our own identity's answer to the
// same question. Pure.
#pragma once

#include "probes/observations/handshake.h"

namespace probes::client_auth {

// `knock`: what the knock met; `own`: what our own identity met last. `undetermined` whenever the server could not judge the
// knock (down, timeout, version, reset before it asked), or the answers cannot be compared. What TLS alone said is marked: that
// it let the knock in means something only where it has refused another (exporter/estate/door.h).
[[nodiscard]] observations::KnockFound answer(const observations::Handshake& knock, const observations::Handshake& own);

}  // namespace probes::client_auth
