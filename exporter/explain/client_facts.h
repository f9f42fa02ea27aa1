// What is certain of our own certificate and of the server's list, when a server refuses us. Pure; any thread.
#pragma once

#include <cstdint>

#include "exporter/explain/causes.h"

namespace exporter::explain {

inline constexpr std::uint8_t decrypt_error_alert = 51;  // RFC 8446 6.2: a signature did not verify

// The leaf we present; null when there is none.
[[nodiscard]] const probes::observations::Certificate* our_leaf(const Facts& facts);
[[nodiscard]] bool our_leaf_expired(const Facts& facts);
[[nodiscard]] bool our_leaf_not_yet_valid(const Facts& facts);
[[nodiscard]] bool not_for_clients(const Facts& facts);  // its extended key usage leaves clients out, or is not there

// An intermediate that we send and that has expired; null: none.
[[nodiscard]] const probes::observations::Certificate* ended_intermediate(const Facts& facts);
[[nodiscard]] std::size_t intermediates_sent(const Facts& facts);

// The server has read our certificate and says no more than that it will not do: unknown or bad, a page of nginx's about it, or
// nothing at all.
[[nodiscard]] bool judged_by_content(const Facts& facts);

// ... and it says that it could not follow our chain: unknown_ca, or nginx's page about an error of the certificate.
[[nodiscard]] bool refused_for_the_chain(const Facts& facts);

// The last certificate that we send is an intermediate's child whose issuer the server cannot have: it is not on the server's
// list, and we know that it is no root.
[[nodiscard]] bool intermediate_missing(const Facts& facts);

// A CA of our chain that the server lists, is no root, and whose own issuer the server does not list; null: none.
[[nodiscard]] const probes::observations::Certificate* rootless(const Facts& facts);

// Our chain as sent ends at a CA that the server lists.
[[nodiscard]] bool reaches_the_list(const Facts& facts);

}  // namespace exporter::explain
