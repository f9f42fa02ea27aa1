// A client identity: its certificate, chain and private key, ready for handshakes, and what is wrong with them. Loaded from
// files once and immutable afterwards; shared between threads. A changed file makes a new Identity with a new generation.
// Trouble with a file is a problem of the identity, never an exception. Key material stays in here and is cleansed by
// OpenSSL when the last owner lets go.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "probes/chain/trust_store.h"
#include "probes/observations/chain.h"
#include "probes/tls/handles.h"

namespace probes::tls {

class Identity {
 public:
  // Reads PEM (plain or encrypted keys), PKCS#12 (with the legacy provider where needed) or a PKCS#11 key. `trust`: the
  // store its chain should reach, null if not judged. Blocking: never on a probe's thread.
  [[nodiscard]] static std::shared_ptr<const Identity> load(const config::Identity& settings, chain::TrustStorePtr trust,
                                                            std::chrono::sys_seconds now);

  // From objects in memory (the rogue lookalike, tests). Takes shares. chain[0] is the leaf.
  [[nodiscard]] static std::shared_ptr<const Identity> of(std::string name, const std::vector<X509*>& chain, EVP_PKEY* key);

  // The same material judged anew: time has passed, or the trust store has changed. Keeps the generation.
  [[nodiscard]] std::shared_ptr<const Identity> judged_again(chain::TrustStorePtr trust, std::chrono::sys_seconds now) const;

  const std::string& name() const { return name_; }
  std::uint64_t generation() const { return generation_; }                            // unique in the process
  bool usable() const { return !chain_.empty() && key_ != nullptr && key_matches_; }  // a handshake can be attempted with it
  const std::vector<Ptr<X509>>& chain() const { return chain_; }                      // leaf first; empty when unreadable
  EVP_PKEY* key() const { return key_.get(); }                                        // borrowed; null when unreadable
  bool key_in_token() const { return key_in_token_; }  // signing blocks: handshakes go to a thread of their own
  const std::vector<observations::CertificatePtr>& certificates() const { return certificates_; }  // facts of chain()
  const observations::ChainJudgementPtr& judgement() const { return judgement_; }  // null without a trust store or chain
  const std::vector<observations::Problem>& problems() const { return problems_; }
  const std::vector<std::string>& paths() const { return paths_; }  // the files it was read from, to watch for changes

 private:
  friend class IdentityReader;
  Identity() = default;
  std::string name_;
  std::uint64_t generation_ = 0;
  std::vector<Ptr<X509>> chain_;
  Ptr<EVP_PKEY> key_;
  bool key_matches_ = false;
  bool key_in_token_ = false;
  std::vector<observations::CertificatePtr> certificates_;
  observations::ChainJudgementPtr judgement_;
  std::vector<observations::Problem> source_problems_;  // of the files; the rest of problems_ depends on time and trust
  std::vector<observations::Problem> problems_;
  std::vector<std::string> paths_;
};

using IdentityPtr = std::shared_ptr<const Identity>;

// Every file that load() may read for these settings.
[[nodiscard]] std::vector<std::string> files_of(const config::Identity& settings);

}  // namespace probes::tls
