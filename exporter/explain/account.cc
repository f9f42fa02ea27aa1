#include "exporter/explain/account.h"

#include <algorithm>
#include <utility>

#include "exporter/estate/expectations.h"
#include "exporter/estate/observe.h"

namespace exporter::explain {

using probes::observations::Handshake;
using probes::observations::Problem;
using probes::observations::Severity;

KnownStore known_store(const probes::chain::TrustStore& store) {
  return {.name = store.name(), .files = store.paths(), .certificates = store.certificates(), .troubles = store.errors()};
}

Account account_of(Asked asked, Handshake seen, const Knocks& knocks) {
  WatchSlot slot;
  slot.target = asked.target;
  slot.identity = asked.identity;
  slot = after_probe(std::move(slot), seen);
  for (const Knock& knock : knocks) slot = after_knock(std::move(slot), knock.name, knock.found, knock.at);
  Account account{.asked = std::move(asked), .seen = std::move(seen), .broken = {}, .door = slot.door};
  for (const Expectation expectation : broken_expectations(slot)) account.broken.push_back(word(expectation));
  const auto& problems = account.asked.identity_problems;
  const bool unfit = std::any_of(problems.begin(), problems.end(),
                                 [](const Problem& problem) { return problem.severity == Severity::critical; });
  if (unfit) account.broken.push_back("identity");
  return account;
}

probes::observations::WallTime judged_at(const Account& account) { return account.seen.finished + account.asked.ahead; }

}  // namespace exporter::explain
