// OpenSSL's verdict on a chain, and every objection it has. Each call makes a context of its own over the shared store.
// Borrows everything; any thread; leaves the error queue clear.
#pragma once

#include <span>
#include <vector>

#include "probes/chain/judge.h"
#include "probes/tls/handles.h"

namespace probes::chain {

struct Verdict {
  int code = 0;                       // X509_V_*; 0: valid
  std::vector<tls::Ptr<X509>> chain;  // as OpenSSL built it, leaf first, as far as it came
};

// X509_verify_cert with nothing overridden.
[[nodiscard]] Verdict verdict(std::span<X509* const> received, X509_STORE* store, const JudgeOptions& options);

struct Objection {
  int code = 0;
  tls::Ptr<X509> certificate;  // null: the chain as a whole
};

// What OpenSSL objects to when told to carry on after each error, in its order, at most 256.
[[nodiscard]] std::vector<Objection> objections(std::span<X509* const> received, X509_STORE* store, const JudgeOptions& options);

}  // namespace probes::chain
