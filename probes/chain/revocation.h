// What the revocation lists of a trust store, the server's staple, and whoever is asked over HTTP say of a path, within a
// judgement. A revoked certificate makes the chain invalid, as OpenSSL's X509_V_ERR_CERT_REVOKED does; a list that is missing or
// has lapsed never changes that verdict.
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "probes/chain/issuance.h"
#include "probes/chain/judge.h"
#include "probes/observations/chain.h"
#include "probes/revocation/remote.h"

namespace probes::chain {

struct RevocationOfPath {
  std::vector<observations::RevocationAnswer>
      answers;                                  // of lists for each certificate below the anchor, leaf first; the staple's
  std::vector<observations::Problem> problems;  // `revoked`, `staple_missing`
  std::chrono::sys_seconds from = std::chrono::sys_seconds::min();
  std::chrono::sys_seconds until = std::chrono::sys_seconds::max();
  std::vector<revocation::Ticket> tickets;  // what was heard over HTTP and may change
  bool pending = false;                     // somebody has not been asked yet
};

// `path`: leaf first, anchor last, signatures verified; empty: nothing is asked. Borrows everything.
[[nodiscard]] RevocationOfPath revocation_of(const Issuance::Path& path, std::span<X509* const> received, const TrustStore& trust,
                                             const JudgeOptions& options);

}  // namespace probes::chain
