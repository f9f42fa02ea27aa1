// Who issued whom among the certificates received and the anchors of a store, as a graph. A path from the leaf to an anchor
// is as good as its first certificate to expire, so the longest-lived one is a widest path: found without enumerating
// paths, of which hostile chains (cross-signed, cyclic) have exponentially many. Borrows the certificates it is given.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "probes/chain/trust_store.h"
#include "probes/observations/date.h"
#include "probes/tls/handles.h"

namespace probes::chain {

class Issuance {
 public:
  using Path = std::vector<X509*>;  // leaf first; borrowed from this graph

  // `received`: leaf first, not empty. `partial`: any certificate of the store ends a path, not roots only.
  Issuance(std::span<X509* const> received, const TrustStore& trust, bool partial);

  // The path to an anchor whose earliest notAfter is latest, over certificates in force at `at`, with signatures that verify
  // and authorities that may sign; failing that the same whatever the dates, also those that cannot be read. Empty: there is
  // none.
  [[nodiscard]] Path longest_lived(std::chrono::sys_seconds at);

  // No path goes by `certificate` from now on.
  void strike(X509* certificate);

  // A path to an anchor by names and key identifiers only, as OpenSSL builds chains; empty: an issuer is absent or untrusted.
  [[nodiscard]] Path by_name() const;

  // Where the certificates lead when they reach no anchor: the way from the leaf to a self-signed certificate if there
  // is one, else to the certificate furthest from the leaf.
  [[nodiscard]] Path dead_end() const;

  // Every certificate of the graph: the dates on which a judgement may change are among theirs.
  [[nodiscard]] std::vector<X509*> certificates() const;

  // How many signatures were verified: the expensive step, bounded.
  [[nodiscard]] int signatures_checked() const { return signatures_checked_; }

 private:
  struct Node {
    tls::Ptr<X509> certificate;
    bool anchor = false;
    bool may_sign = false;  // basicConstraints and keyUsage allow it
    bool struck = false;
    observations::Date not_before;
    observations::Date not_after;
    std::vector<std::size_t> issuers;
  };
  using Steps = std::vector<std::size_t>;  // indices of nodes, leaf first

  void add(X509* certificate, bool anchor);
  void add_anchors(const TrustStore& trust, bool partial);
  Steps widest(std::optional<std::chrono::sys_seconds> at) const;
  Path signed_widest(std::optional<std::chrono::sys_seconds> at);
  bool signature_holds(std::size_t subject, std::size_t issuer);
  Steps reached_from_leaf(std::vector<std::size_t>& previous) const;
  Path walked(std::size_t last, const std::vector<std::size_t>& previous) const;

  std::vector<Node> nodes_;
  std::map<std::pair<std::size_t, std::size_t>, bool> signatures_;  // (subject, issuer) -> verified or refuted
  int signatures_checked_ = 0;
};

}  // namespace probes::chain
