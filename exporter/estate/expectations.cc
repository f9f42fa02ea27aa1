#include "exporter/estate/expectations.h"

#include <algorithm>

#include "exporter/estate/door.h"

namespace exporter {

using config::ClientAuthExpectation;
using probes::observations::ChainJudgement;
using probes::observations::DoorMode;
using probes::observations::Finding;
using probes::observations::Handshake;
using probes::observations::Problem;
using probes::observations::RevocationMethod;
using probes::observations::RevocationStatus;
using probes::observations::Severity;
using probes::observations::Stage;
using probes::observations::Subject;
using probes::observations::Verdict;

namespace {

const config::ClientAuth& client_auth(const WatchSlot& slot) { return slot.target->module->client_auth; }

bool failed_in(const Handshake& last, Stage stage) { return last.failure() != nullptr && last.failure()->stage == stage; }

bool client_certificate_broken(const WatchSlot& slot, const Handshake& last) {
  if (last.client.turned_away) return false;
  if (failed_in(last, Stage::client_certificate) || last.client.verdict == Verdict::rejected) return true;
  // Nothing was asked in the HTTP that the server chose: a note, unless something is expected of the door.
  const bool judged = client_auth(slot).expect || !client_auth(slot).must_refuse.empty();
  if (last.client.unasked && last.client.verdict == Verdict::unconfirmed && !judged) return false;
  const bool acceptance_expected = !slot.identity.empty() && last.client.requested;
  if (acceptance_expected && last.client.verdict == Verdict::unconfirmed) return true;
  if (acceptance_expected && last.client.verdict == Verdict::accepted && !last.client.sent) return true;
  return last.client.verdict == Verdict::not_requested && client_auth(slot).expect == ClientAuthExpectation::required;
}

bool let_in_without_identity(const WatchSlot& slot, const Handshake& last) {
  return slot.identity.empty() && last.client.requested && last.client.verdict == Verdict::accepted;
}

bool contradicts(const WatchSlot& slot, const Handshake& last, ClientAuthExpectation expect) {
  const DoorMode mode = slot.door.mode.value_or(DoorMode::undetermined);
  const bool never_asks = mode == DoorMode::none || last.client.verdict == Verdict::not_requested;
  switch (expect) {
    case ClientAuthExpectation::required: return never_asks || mode == DoorMode::optional || let_in_without_identity(slot, last);
    case ClientAuthExpectation::optional: return never_asks || mode == DoorMode::required;
    case ClientAuthExpectation::none: return last.client.requested;
  }
  return false;
}

bool client_auth_broken(const WatchSlot& slot, const Handshake& last) {
  const DoorMode mode = slot.door.mode.value_or(DoorMode::undetermined);
  if (mode == DoorMode::any_certificate || mode == DoorMode::open) return true;
  const config::ClientAuth& settings = client_auth(slot);
  return admits_unwanted(slot.door, settings) || (settings.expect && contradicts(slot, last, *settings.expect));
}

template <typename Predicate>
bool any_problem(const Handshake& last, Predicate predicate) {
  return last.chain && std::any_of(last.chain->problems.begin(), last.chain->problems.end(), predicate);
}

bool revoked(const Problem& problem) { return problem.finding == Finding::revoked; }

// `require`: whatever is not known to be good. A chain without a trusted path is broken as a chain.
bool lacks_required_status(const WatchSlot& slot, const Handshake& last) {
  const config::Revocation& settings = slot.target->module->revocation;
  const auto lacks = [&](config::RevocationCheck check, RevocationMethod method) {
    return check == config::RevocationCheck::require && last.chain && last.chain->expiry &&
           status_of(last.chain->revocation, method) != RevocationStatus::good;
  };
  return lacks(settings.crl, RevocationMethod::crl) || lacks(settings.staple, RevocationMethod::staple) ||
         lacks(settings.ocsp, RevocationMethod::ocsp);
}

bool critical_certificate(const Problem& problem) {
  return problem.severity == Severity::critical && row(problem.finding).subject == Subject::certificate;
}

}  // namespace

std::string_view word(Expectation expectation) {
  switch (expectation) {
    case Expectation::handshake: return "handshake";
    case Expectation::chain: return "chain";
    case Expectation::hostname: return "hostname";
    case Expectation::client_certificate: return "client_certificate";
    case Expectation::client_auth: return "client_auth";
    case Expectation::application: return "application";
    case Expectation::revocation: return "revocation";
    case Expectation::certificate: return "certificate";
  }
  return "handshake";
}

std::vector<Expectation> broken_expectations(const WatchSlot& slot) {
  std::vector<Expectation> broken;
  if (!slot.last) return broken;
  const Handshake& last = *slot.last;
  const auto check = [&](Expectation expectation, bool is_broken) {
    if (is_broken) broken.push_back(expectation);
  };
  check(Expectation::handshake, handshake_failed(last));
  check(Expectation::chain, last.chain && !last.chain->valid);
  check(Expectation::hostname, last.hostname_match == false);
  check(Expectation::client_certificate, client_certificate_broken(slot, last));
  check(Expectation::client_auth, client_auth_broken(slot, last));
  check(Expectation::application, failed_in(last, Stage::application));
  check(Expectation::revocation, any_problem(last, revoked) || lacks_required_status(slot, last));
  check(Expectation::certificate, any_problem(last, critical_certificate));
  return broken;
}

std::uint8_t bits_of(const std::vector<Expectation>& broken) {
  unsigned bits = 0;
  for (const Expectation one : broken) bits |= 1u << static_cast<unsigned>(one);
  return static_cast<std::uint8_t>(bits);
}

std::vector<Expectation> expectations_of(std::uint8_t bits) {
  static_assert(static_cast<unsigned>(Expectation::certificate) == 7, "a bit for each");
  std::vector<Expectation> broken;
  for (unsigned one = 0; one < 8; ++one)
    if ((bits >> one & 1u) != 0) broken.push_back(static_cast<Expectation>(one));
  return broken;
}

}  // namespace exporter
