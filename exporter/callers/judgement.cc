#include "exporter/callers/judgement.h"

#include <openssl/err.h>

#include <algorithm>

#include "exporter/estate/ends_soon.h"
#include "probes/chain/judge.h"
#include "probes/tls/handles.h"

namespace exporter::callers {

using namespace probes::observations;

namespace {

constexpr std::size_t longest_path = 8;

// The intermediates that lead upwards from `leaf`, as far as they are known.
std::vector<X509*> path_from(X509* leaf, const std::vector<X509*>& intermediates) {
  std::vector<X509*> path = {leaf};
  while (path.size() < longest_path) {
    const auto issuer =
        std::ranges::find_if(intermediates, [&](X509* one) { return X509_check_issued(one, path.back()) == X509_V_OK; });
    if (issuer == intermediates.end() || std::ranges::find(path, *issuer) != path.end()) break;
    path.push_back(*issuer);
  }
  return path;
}

bool is_revoked(const Evidence& evidence) {
  const auto revoked = [](const Problem& problem) { return problem.finding == Finding::revoked; };
  if (evidence.chain && std::ranges::any_of(evidence.chain->problems, revoked)) return true;
  if (evidence.issued == IssuedState::revoked || evidence.issued == IssuedState::held) return true;
  return evidence.verification == Verification::revoked;
}

}  // namespace

Against against(const config::Callers& door, const MaterialsPtr& materials, const Estate& estate) {
  Against found{.materials = materials, .trust = nullptr, .intermediates = {}, .ledgers = {}};
  if (materials && !door.trust.empty()) found.trust = trust_named(*materials, door.trust);
  if (materials)
    for (const auto& [name, identity] : materials->identities)
      for (std::size_t at = 1; at < identity->chain().size(); ++at) found.intermediates.push_back(identity->chain()[at].get());
  if (door.authorities.empty()) return found;
  for (const auto& source : estate.sources())
    if (source->ledger && source->key.kind == SourceKind::authority &&
        std::ranges::find(door.authorities, source->key.name) != door.authorities.end())
      found.ledgers.push_back(source->ledger);
  return found;
}

ChainJudgementPtr judged(const SeenCertificate& certificate, const Against& against, std::chrono::sys_seconds now) {
  if (!against.trust) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(certificate.der.data());
  const probes::tls::Ptr<X509> leaf(d2i_X509(nullptr, &at, static_cast<long>(certificate.der.size())));
  if (!leaf) return ERR_clear_error(), nullptr;
  const auto made = probes::chain::judge(path_from(leaf.get(), against.intermediates), *against.trust,
                                         {.purpose = probes::chain::Purpose::client, .at = now});
  ERR_clear_error();
  return made;
}

void look_up(const Certificate& certificate, const Against& against, Evidence& evidence) {
  evidence.issued.reset();
  evidence.not_issued = false;
  for (const IssuedLedgerPtr& ledger : against.ledgers) {
    const auto state = ledger->state_of(certificate);
    if (state) evidence.issued = state;
    if (!state && ledger->should_know(certificate)) evidence.not_issued = true;
  }
  if (evidence.issued) evidence.not_issued = false;
}

std::optional<bool> chains(const Evidence& evidence) {
  if (evidence.chain) return evidence.chain->valid || evidence.chain->expiry.has_value();
  switch (evidence.verification) {
    case Verification::success:
    case Verification::expired:  // OpenSSL looks at dates once the path stands
    case Verification::not_yet_valid:
    case Verification::revoked: return true;
    case Verification::unknown_issuer: return false;
    default: return std::nullopt;
  }
}

CallerState state_of(const Certificate& certificate, const Evidence& evidence, WallTime now) {
  const Date begin = certificate.not_before(), end = certificate.not_after();
  if (is_revoked(evidence)) return CallerState::revoked;
  if (end ? *end < now : evidence.verification == Verification::expired) return CallerState::expired;
  if (begin ? *begin > now : evidence.verification == Verification::not_yet_valid) return CallerState::not_yet_valid;
  if (chains(evidence) == false) return CallerState::unknown_issuer;
  if (evidence.not_issued) return CallerState::not_issued;
  if (evidence.issued == IssuedState::superseded) return CallerState::superseded;
  if (end && ends_soon(certificate, *end, now, std::nullopt)) return CallerState::expiring;
  return CallerState::valid;
}

}  // namespace exporter::callers
