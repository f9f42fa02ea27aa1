#include "exporter/api/alerts.h"

#include <algorithm>
#include <array>

#include "exporter/estate/door.h"

namespace exporter::api {

using namespace probes::observations;

namespace {

bool has(const ChainJudgementPtr& chain, Finding finding) {
  return chain && std::ranges::any_of(chain->problems, [&](const Problem& problem) { return problem.finding == finding; });
}

struct Seen {
  const WatchSlot& slot;
  const Handshake& last;
  const Standing& standing;
  WallTime now;
};

bool identity_unusable(const Seen& seen) {
  const Failure* failure = seen.last.failure();
  return failure != nullptr && failure->reason == Reason::identity_unusable;
}

bool refused(const Seen& seen) { return !seen.slot.identity.empty() && seen.last.client.verdict == Verdict::rejected; }

Date leaf_end(const Seen& seen) {
  const auto& received = seen.slot.received;
  return received && !received->certificates.empty() ? received->certificates.front()->not_after() : Date();
}

bool leaf_expired(const Seen& seen) {
  const Date end = leaf_end(seen);
  return end && *end <= seen.now;
}

// The chain ends more than a day before its leaf.
bool path_ends_first(const Seen& seen) {
  const Date leaf = leaf_end(seen), all = ending(seen.slot);
  return leaf && all && *all + std::chrono::days(1) < *leaf;
}

bool expires(const Seen& seen) { return ends_soon(seen.slot, seen.now) && *ending(seen.slot) > seen.now; }

bool chain_invalid(const Seen& seen) {
  const ChainJudgementPtr& chain = seen.last.chain;
  return chain && !chain->valid && !has(chain, Finding::expired) && !has(chain, Finding::revoked);
}

// What the rules themselves ask, as a question to the slot.
struct Rule {
  std::string_view alert;
  bool (*holds)(const Seen& seen);
};

constexpr auto rules = std::to_array<Rule>({
    {"MtlsDoorNotEnforced",
     [](const Seen& seen) { return enforced(seen.slot.door, seen.slot.target->module->client_auth) == false; }},
    {"MtlsTargetUnreachable", [](const Seen& seen) { return !reached(seen.last) && !identity_unusable(seen); }},
    {"MtlsIdentityUnusable", identity_unusable},
    {"MtlsClientRefused", refused},
    {"MtlsHandshakeFailing",
     [](const Seen& seen) {
       return reached(seen.last) && handshake_failed(seen.last) && !refused(seen) && !identity_unusable(seen);
     }},
    {"MtlsCertificateExpired", leaf_expired},
    {"MtlsAuthorityExpired", [](const Seen& seen) { return has(seen.last.chain, Finding::expired) && !leaf_expired(seen); }},
    {"MtlsCertificateRevoked", [](const Seen& seen) { return has(seen.last.chain, Finding::revoked); }},
    {"MtlsChainInvalid", chain_invalid},
    {"MtlsHostnameMismatch", [](const Seen& seen) { return seen.last.hostname_match == false; }},
    {"MtlsCertificateExpiring", [](const Seen& seen) { return expires(seen) && !path_ends_first(seen); }},
    {"MtlsPathEndsBeforeLeaf", [](const Seen& seen) { return expires(seen) && path_ends_first(seen); }},
    {"MtlsChainIncomplete",
     [](const Seen& seen) { return seen.last.chain && seen.last.chain->valid && !seen.last.chain->complete; }},
    {"MtlsServedCertificateStale", [](const Seen& seen) { return not_loaded(seen.slot) != nullptr; }},
    {"MtlsClientCaNotListed", [](const Seen& seen) { return seen.last.client.issuer_listed == false; }},
    {"MtlsDoorUndetermined", [](const Seen& seen) { return seen.slot.door.mode == DoorMode::undetermined; }},
});

// What is broken and is said by no other.
constexpr std::string_view of_the_rest = "MtlsExpectationBroken";

bool said_elsewhere(const Seen& seen) {
  return std::ranges::all_of(seen.standing.broken, [&](Expectation broken) {
    switch (broken) {
      case Expectation::handshake:
      case Expectation::chain:
      case Expectation::hostname: return true;
      case Expectation::client_auth: return enforced(seen.slot.door, seen.slot.target->module->client_auth) == false;
      case Expectation::client_certificate: return refused(seen) || identity_unusable(seen);
      case Expectation::revocation: return has(seen.last.chain, Finding::revoked);
      case Expectation::application:
      case Expectation::certificate: return false;
    }
    return false;
  });
}

}  // namespace

std::vector<std::string_view> alerts_of(const WatchSlot& slot, const Standing& standing, WallTime now) {
  std::vector<std::string_view> names;
  if (!slot.last) return names;
  const Seen seen{slot, *slot.last, standing, now};
  for (const Rule& rule : rules)
    if (rule.holds(seen)) names.push_back(rule.alert);
  if (!said_elsewhere(seen)) names.push_back(of_the_rest);
  return names;
}

std::vector<std::string_view> all_alerts_of_watches() {
  std::vector<std::string_view> names;
  for (const Rule& rule : rules) names.push_back(rule.alert);
  names.push_back(of_the_rest);
  return names;
}

}  // namespace exporter::api
