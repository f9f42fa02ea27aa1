// What advice is proved with: who is known of the estate's CAs, and whom a server lists. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/explain/account.h"

namespace exporter::explain {

// A certificate that was met somewhere, and where: "trust store internal, file /etc/pki/root.pem". Null: none was.
struct Met {
  const probes::observations::Certificate* certificate = nullptr;
  const KnownStore* store = nullptr;  // where it is trusted; null: it was presented or sent
  explicit operator bool() const { return certificate != nullptr; }
};

// The issuer of `certificate` by name, and by key identifier where both name one: in a trust store (not `besides`), else among
// what we present.
[[nodiscard]] Met issuer_met(const probes::observations::Certificate& certificate, const Asked& asked,
                             const KnownStore* besides = nullptr);

// The store that the chain was judged by; null where it was not handed over.
[[nodiscard]] const KnownStore* judging_store(const Asked& asked);

// Could `issuer` have issued `certificate`, as far as names and key identifiers tell?
[[nodiscard]] bool may_have_issued(const probes::observations::Certificate& issuer,
                                   const probes::observations::Certificate& certificate);

// "trust store internal (file /etc/pki/root.pem)", "the system's trust store".
[[nodiscard]] std::string trust_place(const Asked& asked);
[[nodiscard]] std::string place_of(const KnownStore& store);

// "the certificate file of service-a (/etc/pki/service-a.crt)".
[[nodiscard]] std::string identity_place(const Asked& asked);

// Does the server's list of acceptable CAs have this name (RFC 2253)? False where the list is empty.
[[nodiscard]] bool listed(std::string_view name, const probes::observations::Handshake& seen);
[[nodiscard]] bool lists_anybody(const probes::observations::Handshake& seen);

}  // namespace exporter::explain
