#include "exporter/api/slot_states.h"

#include <algorithm>
#include <array>

#include "exporter/estate/ends_soon.h"

namespace exporter::api {

using namespace probes::observations;

namespace {

State worse(State one, State other) {
  return std::min(one, other, [](State a, State b) { return a < b; });
}

// MtlsCertificateExpiring, and MtlsCertificateExpired where it is over.
State by_end(const Certificate& certificate, WallTime now) {
  const auto end = certificate.not_after();
  if (!end) return State::attention;
  if (*end <= now) return State::failed;
  return expiry_severity(certificate, now) == ExpirySeverity::none ? State::good : State::attention;
}

// Of these nobody waits for a renewal, as the alerts have it.
bool is_set_aside(SourceKind kind, const RestingCertificate& one) {
  if (!one.problems) return false;
  const auto sets_aside = [&](const Problem& problem) {
    switch (problem.finding) {
      case Finding::superseded:
      case Finding::revoked: return true;
      case Finding::expired_ca:
      case Finding::stored_ca: return kind == SourceKind::file;
      default: return false;
    }
  };
  return std::ranges::any_of(*one.problems, sets_aside);
}

// Of an authority: what nobody misses a day after its end is in use nowhere.
bool counts(SourceKind kind, const RestingCertificate& one, WallTime now) {
  if (!one.leaf || is_set_aside(kind, one)) return false;
  const auto end = one.certificate->not_after();
  return kind != SourceKind::authority || !end || *end + std::chrono::days(1) > now;
}

State of_resting(SourceKind kind, const RestingCertificate& one, WallTime now) {
  if (!counts(kind, one, now)) return State::good;
  if (one.chain && !one.chain->valid) return State::failed;
  return by_end(*one.certificate, now);
}

}  // namespace

State state_now(const IdentitySlot& slot, WallTime now) {
  const auto has = [&](Severity severity) {
    return std::ranges::any_of(slot.problems, [&](const Problem& problem) { return problem.severity == severity; });
  };
  if (!slot.usable || has(Severity::critical) || (slot.chain && !slot.chain->valid)) return State::failed;
  State state = has(Severity::warning) ? State::attention : State::good;
  // The leaf's end is the identity's; the chain above it may end first.
  for (const CertificatePtr& certificate : slot.certificates) state = worse(state, by_end(*certificate, now));
  return state;
}

State state_now(const TrustSlot& slot) {
  if (!slot.up) return State::failed;
  return slot.problems.empty() ? State::good : State::attention;
}

State state_now(const SourceSlot& slot, WallTime now) {
  State state = slot.up ? State::good : State::failed;
  if (slot.published_revocations && slot.published_revocations->only_in_database > 0) state = worse(state, State::attention);
  if (slot.callers) return state;  // each caller stands for itself
  for (const RestingCertificate& one : slot.published) state = worse(state, of_resting(slot.key.kind, one, now));
  return state;
}

State state_now(const DiscoverySlot& slot) {
  if (slot.awaited) return State::pending;
  if (!slot.up) return State::failed;
  return slot.troubles_total > 0 ? State::attention : State::good;
}

State state_now(const Caller& caller, WallTime now) {
  if (caller.calls_until <= now) return State::pending;
  switch (caller.state) {
    case CallerState::valid: return State::good;
    case CallerState::expiring:
    case CallerState::superseded:
    case CallerState::not_issued: return State::attention;
    case CallerState::revoked:
    case CallerState::expired:
    case CallerState::not_yet_valid:
    case CallerState::unknown_issuer: return State::failed;
  }
  return State::pending;
}

ExpirySeverity severity_now(const SourceSlot& slot, WallTime now) {
  ExpirySeverity worst = ExpirySeverity::none;
  for (std::size_t at = 0; at < slot.published.size(); ++at) {
    const RestingCertificate& one = slot.published[at];
    const bool silent = slot.callers && slot.callers->callers[at]->calls_until <= now;
    if (!silent && counts(slot.key.kind, one, now)) worst = std::max(worst, expiry_severity(*one.certificate, now));
  }
  return worst;
}

ExpirySeverity severity_now(const IdentitySlot& slot, WallTime now) {
  ExpirySeverity worst = ExpirySeverity::none;
  for (const CertificatePtr& one : slot.certificates) worst = std::max(worst, expiry_severity(*one, now));
  return worst;
}

State state_of_issuer(const CertificatePtr& certificate, WallTime now) {
  return certificate ? by_end(*certificate, now) : State::pending;
}

}  // namespace exporter::api
