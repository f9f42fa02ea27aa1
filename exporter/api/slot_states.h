// How everything that is not a watch stands, in the words of a watch's state (standing.h): what the page counts, colours and
// titles by, and what ?state= chooses. It is failed where an alert would say so now, attention where one warns of what is to
// come; so a set of files or an authority that is read in full is failed, too, when a certificate of it that counts has expired.
// Pure; any thread.
#pragma once

#include "exporter/api/standing.h"
#include "exporter/estate/ends_soon.h"
#include "exporter/estate/estate.h"

namespace exporter::api {

[[nodiscard]] State state_now(const IdentitySlot& slot, WallTime now);

// Anchors that are only in a store are on no path: their ends want nobody's attention (a CA that carries something: below).
[[nodiscard]] State state_now(const TrustSlot& slot);
[[nodiscard]] State state_now(const SourceSlot& slot, WallTime now);
[[nodiscard]] State state_now(const DiscoverySlot& slot);

// Pending: it no longer calls, and wakes nobody.
[[nodiscard]] State state_now(const Caller& caller, WallTime now);

// How pressing the ends are, of those that somebody waits for: neither what was replaced or revoked, nor callers that are silent.
[[nodiscard]] ExpirySeverity severity_now(const IdentitySlot& slot, WallTime now);
[[nodiscard]] ExpirySeverity severity_now(const SourceSlot& slot, WallTime now);

// Of a CA on which something depends. Pending: only its name is known.
[[nodiscard]] State state_of_issuer(const probes::observations::CertificatePtr& certificate, WallTime now);

}  // namespace exporter::api
