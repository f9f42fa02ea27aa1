#include "probes/chain/issuance.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <limits>

#include "probes/tls/certificate_facts.h"
#include "probes/tls/made.h"

namespace probes::chain {

namespace {

constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

// Ten times the longest chain seen in the wild; as many again may come from the store.
constexpr std::size_t most_received = 128;
constexpr std::size_t most_nodes = 2 * most_received;

// A 16,384-bit RSA signature takes about a millisecond; ordinary chains need three.
constexpr int most_signatures = 64;

// By names and key identifiers. What only the issuer's key or its usage forbids is still an issuer, if a bad one: a missing
// certificate and an unfit one are different findings.
bool names_issuer(X509* issuer, X509* subject) {
  switch (X509_check_issued(issuer, subject)) {
    case X509_V_OK:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_NO_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM: return true;
    default: return false;
  }
}

bool self_signed(X509* certificate) { return (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0; }

}  // namespace

Issuance::Issuance(std::span<X509* const> received, const TrustStore& trust, bool partial) {
  for (X509* certificate : received.first(std::min(received.size(), most_received))) {
    const bool trusted = trust.contains(certificate);
    add(certificate, trusted && (partial || self_signed(certificate)));
  }
  add_anchors(trust, partial);
  for (std::size_t subject = 0; subject < nodes_.size(); ++subject)
    for (std::size_t issuer = 0; issuer < nodes_.size(); ++issuer)
      if (subject != issuer && names_issuer(nodes_[issuer].certificate.get(), nodes_[subject].certificate.get()))
        nodes_[subject].issuers.push_back(issuer);
  ERR_clear_error();
}

void Issuance::add(X509* certificate, bool anchor) {
  if (nodes_.size() >= most_nodes) return;
  const bool known = std::any_of(nodes_.begin(), nodes_.end(),
                                 [&](const Node& node) { return X509_cmp(node.certificate.get(), certificate) == 0; });
  if (known) return;
  const observations::CertificatePtr facts = tls::remembered_facts(certificate);
  const bool may_sign = X509_check_ca(certificate) > 0 && (X509_get_key_usage(certificate) & KU_KEY_CERT_SIGN) != 0;
  nodes_.push_back({.certificate = tls::share(certificate),
                    .anchor = anchor,
                    .may_sign = may_sign,
                    .not_before = facts->not_before(),
                    .not_after = facts->not_after(),
                    .issuers = {}});
}

void Issuance::strike(X509* certificate) {
  for (Node& node : nodes_) node.struck = node.struck || X509_cmp(node.certificate.get(), certificate) == 0;
}

// Asks the store for the issuer names of every node, the ones it adds included.
void Issuance::add_anchors(const TrustStore& trust, bool partial) {
  const tls::Ptr<X509_STORE_CTX> context = tls::made(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), trust.store(), nullptr, nullptr);
  for (std::size_t index = 0; index < nodes_.size(); ++index) {
    STACK_OF(X509)* found = X509_STORE_CTX_get1_certs(context.get(), X509_get_issuer_name(nodes_[index].certificate.get()));
    for (int at = 0; at < sk_X509_num(found); ++at)
      add(sk_X509_value(found, at), partial || self_signed(sk_X509_value(found, at)));
    sk_X509_pop_free(found, X509_free);
  }
}

namespace {

// How far a path through a certificate reaches, at most. One whose end cannot be read is taken where there is no other.
std::chrono::sys_seconds reach(observations::Date not_after) {
  return not_after.value_or(std::chrono::sys_seconds::min() + std::chrono::seconds(1));
}

}  // namespace

// Dijkstra's algorithm with the earliest notAfter so far as the width of a path; of two equally wide ones, the shorter.
Issuance::Steps Issuance::widest(std::optional<std::chrono::sys_seconds> at) const {
  struct Reached {
    std::chrono::sys_seconds width = std::chrono::sys_seconds::min();
    int hops = 0;
    std::size_t previous = nowhere;
    bool done = false;
  };
  const auto in_force = [&](const Node& node) {
    return !at || (node.not_before && node.not_after && *node.not_before <= *at && *at < *node.not_after);
  };
  std::vector<Reached> reached(nodes_.size());
  if (in_force(nodes_[0])) reached[0].width = reach(nodes_[0].not_after);
  for (;;) {
    std::size_t best = nowhere;
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
      const Reached& candidate = reached[index];
      if (candidate.done || candidate.width == std::chrono::sys_seconds::min()) continue;
      const bool better = best == nowhere || candidate.width > reached[best].width ||
                          (candidate.width == reached[best].width && candidate.hops < reached[best].hops);
      if (better) best = index;
    }
    if (best == nowhere) return {};
    if (nodes_[best].anchor) {
      Steps steps;
      for (std::size_t step = best; step != nowhere; step = reached[step].previous) steps.insert(steps.begin(), step);
      return steps;
    }
    reached[best].done = true;
    for (const std::size_t issuer : nodes_[best].issuers) {
      const auto refuted = signatures_.find({best, issuer});
      if (nodes_[issuer].struck || !nodes_[issuer].may_sign || !in_force(nodes_[issuer]) ||
          (refuted != signatures_.end() && !refuted->second))
        continue;
      const auto width = std::min(reached[best].width, reach(nodes_[issuer].not_after));
      Reached& next = reached[issuer];
      if (next.done || width < next.width ||
          (width == next.width && next.previous != nowhere && next.hops <= reached[best].hops + 1))
        continue;
      next = {width, reached[best].hops + 1, best, false};
    }
  }
}

// Signatures are verified only along a path that would win; a refuted one is struck out and the search starts again.
Issuance::Path Issuance::signed_widest(std::optional<std::chrono::sys_seconds> at) {
  for (;;) {
    const Steps steps = widest(at);
    bool holds = true;
    for (std::size_t step = 0; holds && step + 1 < steps.size(); ++step) holds = signature_holds(steps[step], steps[step + 1]);
    if (!holds && signatures_checked_ >= most_signatures) return {};
    if (!holds) continue;
    Path path;
    for (const std::size_t step : steps) path.push_back(nodes_[step].certificate.get());
    return path;
  }
}

// Once the budget is spent every further signature counts as refuted, and the search ends without a path.
bool Issuance::signature_holds(std::size_t subject, std::size_t issuer) {
  const auto [entry, fresh] = signatures_.try_emplace({subject, issuer}, false);
  if (!fresh || signatures_checked_ >= most_signatures) return entry->second;
  ++signatures_checked_;
  EVP_PKEY* key = X509_get0_pubkey(nodes_[issuer].certificate.get());
  entry->second = key != nullptr && X509_verify(nodes_[subject].certificate.get(), key) == 1;
  ERR_clear_error();
  return entry->second;
}

Issuance::Path Issuance::longest_lived(std::chrono::sys_seconds at) {
  Path usable = signed_widest(at);
  return usable.empty() ? signed_widest(std::nullopt) : usable;
}

// Breadth first, so that `previous` leads back to the leaf by the shortest way.
Issuance::Steps Issuance::reached_from_leaf(std::vector<std::size_t>& previous) const {
  Steps order = {0};
  std::vector<bool> seen(nodes_.size());
  previous.assign(nodes_.size(), nowhere);
  seen[0] = true;
  for (std::size_t at = 0; at < order.size(); ++at)
    for (const std::size_t issuer : nodes_[order[at]].issuers) {
      if (seen[issuer]) continue;
      seen[issuer] = true;
      previous[issuer] = order[at];
      order.push_back(issuer);
    }
  return order;
}

Issuance::Path Issuance::walked(std::size_t last, const std::vector<std::size_t>& previous) const {
  Path path;
  for (std::size_t step = last; step != nowhere; step = previous[step]) path.insert(path.begin(), nodes_[step].certificate.get());
  return path;
}

Issuance::Path Issuance::by_name() const {
  std::vector<std::size_t> previous;
  for (const std::size_t index : reached_from_leaf(previous))
    if (nodes_[index].anchor) return walked(index, previous);
  return {};
}

Issuance::Path Issuance::dead_end() const {
  std::vector<std::size_t> previous;
  const Steps order = reached_from_leaf(previous);
  for (const std::size_t index : order)
    if (self_signed(nodes_[index].certificate.get())) return walked(index, previous);
  const auto last = std::find_if(order.rbegin(), order.rend(), [&](std::size_t index) { return nodes_[index].issuers.empty(); });
  return walked(last != order.rend() ? *last : order.back(), previous);
}

std::vector<X509*> Issuance::certificates() const {
  std::vector<X509*> certificates;
  for (const Node& node : nodes_) certificates.push_back(node.certificate.get());
  return certificates;
}

}  // namespace probes::chain
