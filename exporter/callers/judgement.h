// What is thought of a caller's certificate: its chain against the door's trust store, what its authority's database says of it,
// and which state that comes to. Owned by the reader's thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "config/callers_settings.h"
#include "exporter/callers/call.h"
#include "exporter/callers/certificates.h"
#include "exporter/estate/estate.h"
#include "exporter/materials/materials.h"

namespace exporter::callers {

// What the callers of a door are judged against, as of now. Two are equal when they would judge alike.
struct Against {
  MaterialsPtr materials;              // holds the intermediates
  probes::chain::TrustStorePtr trust;  // null: chains are not judged
  std::vector<X509*> intermediates;    // of the identities: a log has the leaf alone
  std::vector<probes::observations::IssuedLedgerPtr> ledgers;

  bool operator==(const Against& other) const { return trust == other.trust && ledgers == other.ledgers; }
};

[[nodiscard]] Against against(const config::Callers& door, const MaterialsPtr& materials, const Estate& estate);

// The judgement on the certificate's chain; null where there is no trust store. Up to a millisecond or two.
[[nodiscard]] probes::observations::ChainJudgementPtr judged(const SeenCertificate& certificate, const Against& against,
                                                             std::chrono::sys_seconds now);

// What is known of a caller's certificate besides its own dates.
struct Evidence {
  probes::observations::ChainJudgementPtr chain;            // null: not judged, or the log does not hold the certificate
  std::optional<probes::observations::IssuedState> issued;  // as its authority's database has it
  bool not_issued = false;                                  // its authority's database does not know it
  Verification verification = Verification::untold;         // the server's word: counts where we have none of our own
};

// Asks the ledgers about `certificate`.
void look_up(const probes::observations::Certificate& certificate, const Against& against, Evidence& evidence);

// Whether the certificate chains to what we trust; by the server's word where we cannot judge; absent: nobody knows.
[[nodiscard]] std::optional<bool> chains(const Evidence& evidence);

// The first state that fits.
[[nodiscard]] CallerState state_of(const probes::observations::Certificate& certificate, const Evidence& evidence, WallTime now);

}  // namespace exporter::callers
