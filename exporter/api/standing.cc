#include "exporter/api/standing.h"

#include <algorithm>
#include <utility>

#include "exporter/estate/door.h"
#include "exporter/estate/ends_soon.h"
#include "exporter/explain/phrases.h"

namespace exporter::api {

using namespace probes::observations;

namespace {

bool breaks(const Standing& standing, Expectation expectation) {
  return std::find(standing.broken.begin(), standing.broken.end(), expectation) != standing.broken.end();
}

const Problem* first(const std::vector<Problem>& problems, Severity severity) {
  const auto found =
      std::find_if(problems.begin(), problems.end(), [&](const Problem& problem) { return problem.severity == severity; });
  return found == problems.end() ? nullptr : &*found;
}

struct Cause {
  std::string sentence;
  std::string_view word;
};

Cause of_the_chain(const ChainJudgement& chain, Severity severity) {
  const Problem* problem = first(chain.problems, severity);
  if (problem != nullptr && problem->finding == Finding::other_chain_error)
    return {"OpenSSL refuses the chain: " + explain::safe(problem->detail), word(problem->finding)};
  if (problem != nullptr) return {std::string(row(problem->finding).meaning), word(problem->finding)};
  return {"The chain is not valid: " + explain::safe(chain.verify_text), {}};
}

Cause of_the_client_certificate(const ClientAuthentication& client) {
  if (client.unasked)
    return {
        "TLS let us in, and nothing was asked in which the server may still refuse us: whether it accepts our certificate is "
        "open",
        word(Verdict::unconfirmed)};
  const Verdict verdict = client.verdict.value_or(Verdict::unconfirmed);
  switch (verdict) {
    case Verdict::rejected: return {"The server refused our certificate", word(verdict)};
    case Verdict::not_requested: return {"The server never asked for our certificate", word(verdict)};
    case Verdict::accepted: return {"The server let us in without our certificate", {}};
    case Verdict::unconfirmed: break;
  }
  return {"Whether the server accepts our certificate did not show in time", word(Verdict::unconfirmed)};
}

// What comes in that must not is the first word; a door that is only not as it was expected is no hole.
std::string door_words(DoorMode mode, bool hole) {
  const std::string strangers = hole ? "Strangers get in: the server " : "The server ";
  switch (mode) {
    case DoorMode::open: return strangers + "lets everybody in, with any certificate or none";
    case DoorMode::any_certificate: return strangers + "takes any certificate, whoever issued it";
    case DoorMode::none: return strangers + "does not ask for client certificates";
    case DoorMode::optional: return strangers + "lets clients in without a certificate";
    case DoorMode::required:
    case DoorMode::undetermined: break;
  }
  return hole ? strangers + "lets in whom it must refuse"
              : "The server asks for client certificates, which is not expected of it";
}

bool is_hole(const WatchSlot& slot) { return enforced(slot.door, slot.target->module->client_auth) == false; }

Cause of_the_door(const WatchSlot& slot) {
  const DoorMode mode = slot.door.mode.value_or(DoorMode::undetermined);
  return {door_words(mode, is_hole(slot)), word(mode)};
}

// Of several troubles the one that explains the others: a probe that failed saw no more than its failure.
Cause of_the_broken(const WatchSlot& slot, const Standing& standing) {
  const Handshake& last = *slot.last;
  if (const Failure* failure = last.failure())
    return {std::string(meaning({failure->stage, failure->reason})), word(failure->reason)};
  if (breaks(standing, Expectation::client_certificate)) return of_the_client_certificate(last.client);
  if (breaks(standing, Expectation::client_auth) && is_hole(slot)) return of_the_door(slot);
  if (breaks(standing, Expectation::hostname) && last.chain && last.chain->valid)
    return {"The certificate is for another name", word(Expectation::hostname)};
  if (breaks(standing, Expectation::client_auth)) return of_the_door(slot);
  if (last.chain) return of_the_chain(*last.chain, Severity::critical);
  return of_the_client_certificate(last.client);
}

// What an operator should look at although everything expected holds; empty: nothing.
Cause of_concern(const WatchSlot& slot, WallTime now) {
  const Handshake& last = *slot.last;
  if (ends_soon(slot, now)) return {"The certificate " + explain::ending(*ending(slot), now), {}};
  if (const StoredLeaf* newer = not_loaded(slot))
    return {"The certificate was renewed on disk and not loaded: " + explain::safe(newer->place.text()) + " is later", {}};
  if (last.client.verdict == Verdict::unconfirmed && !slot.identity.empty()) return of_the_client_certificate(last.client);
  if (slot.door.mode == DoorMode::undetermined)
    return {"Whether the door is locked could not be told", word(DoorMode::undetermined)};
  if (last.client.issuer_listed == false) return {"The server does not list the CA of our certificate", {}};
  if (last.chain && first(last.chain->problems, Severity::warning)) return of_the_chain(*last.chain, Severity::warning);
  return {};
}

}  // namespace

std::string_view word(State state) {
  switch (state) {
    case State::failed: return "failed";
    case State::attention: return "attention";
    case State::pending: return "pending";
    case State::good: return "good";
  }
  return "pending";
}

Date ending(const WatchSlot& slot) {
  if (!slot.received || slot.received->certificates.empty()) return {};
  const Date leaf = slot.received->certificates.front()->not_after();
  const auto& chain = slot.received->chain;
  return chain && chain->expiry ? earlier(leaf, *chain->expiry) : leaf;
}

bool ending_unreadable(const WatchSlot& slot) { return slot.received && !slot.received->certificates.empty() && !ending(slot); }

ExpirySeverity expiry_severity(const WatchSlot& slot, WallTime now) {
  const auto end = ending(slot);
  if (!end) return ExpirySeverity::none;
  return expiry_severity(*slot.received->certificates.front(), *end, now,
                         slot.target->module->findings.certificate_threshold_days);
}

bool ends_soon(const WatchSlot& slot, WallTime now) { return expiry_severity(slot, now) != ExpirySeverity::none; }

const StoredLeaf* not_loaded(const WatchSlot& slot) {
  if (!slot.received || slot.received->certificates.empty()) return nullptr;
  const Certificate& served = *slot.received->certificates.front();
  const auto newer =
      std::ranges::find_if(slot.stored, [&](const StoredLeaf& leaf) { return stale(served, *leaf.certificate) == true; });
  return newer == slot.stored.end() ? nullptr : &*newer;
}

Standing standing(const WatchSlot& slot, WallTime now) {
  Standing found;
  if (!slot.last) return found.cause = "Not probed yet", found;
  found.broken = broken_expectations(slot);
  Cause cause = found.broken.empty() ? of_concern(slot, now) : of_the_broken(slot, found);
  found.cause = std::move(cause.sentence);
  found.word = cause.word;
  found.state = !found.broken.empty() ? State::failed : found.cause.empty() ? State::good : State::attention;
  return found;
}

}  // namespace exporter::api
