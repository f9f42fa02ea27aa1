// What is wrong with a chain as a whole: OpenSSL's objections in the words of the findings table, why no anchor is
// reached, and how the chain was sent. Pure functions over borrowed certificates.
#pragma once

#include <span>
#include <vector>

#include "probes/chain/issuance.h"
#include "probes/chain/verdict.h"
#include "probes/observations/finding.h"

namespace probes::chain {

// A path that holds, where OpenSSL builds another and refuses it: it does not go back to where it had the choice.
struct OtherPath {
  X509* misleading = nullptr;  // of those received: OpenSSL accepts the chain without it; null: the choice is the trust store's
  X509* from_store = nullptr;  // what OpenSSL took from the trust store instead of the path's; null where it took nothing else
};

// What the judge knows of a chain by the time it looks for findings.
struct Evidence {
  std::span<X509* const> received;
  const TrustStore& trust;
  std::chrono::sys_seconds at;
  const std::vector<Objection>& objections;
  const Issuance::Path& path;  // the trusted path, else where the certificates lead instead
  bool complete;
  const OtherPath* other_path = nullptr;  // null: `path` is not such a one
};

[[nodiscard]] std::vector<observations::Problem> chain_problems(const Evidence& evidence);

}  // namespace probes::chain
