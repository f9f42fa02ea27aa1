// Whether a list speaks for a certificate, and for which reasons (RFC 5280 6.3.3 (b)): by the list's issuing distribution point
// and the certificate's distribution points. Pure functions.
#pragma once

#include <memory>

#include <openssl/x509v3.h>

#include "probes/revocation/list.h"

namespace probes::revocation {

// Bits of the reasons that a list can tell of; RFC 5280 4.2.1.13.
using Reasons = unsigned int;
inline constexpr Reasons all_reasons = 0x807f;

using DistributionPoints = std::unique_ptr<CRL_DIST_POINTS, decltype(&CRL_DIST_POINTS_free)>;

// Those of `certificate`, relative names completed by its issuer; null: it has none.
[[nodiscard]] DistributionPoints distribution_points(const X509* certificate);

// The reasons for which `list` speaks for `certificate`; 0: it does not.
[[nodiscard]] Reasons covered_reasons(const List& list, X509* certificate, const CRL_DIST_POINTS* points);

// Whether `delta` brings `base` up to date: RFC 5280 5.2.4.
[[nodiscard]] bool updates(const List& delta, const List& base);

}  // namespace probes::revocation
