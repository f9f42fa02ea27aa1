#include "exporter/estate/fanned_out.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "exporter/metrics/label.h"
#include "exporter/metrics/row_labels.h"

namespace exporter {

using probes::observations::Handshake;
using probes::observations::Reason;
using probes::observations::Verdict;

namespace {

std::optional<std::string_view> leaf(const Handshake& seen) {
  if (seen.certificates.empty()) return std::nullopt;
  return seen.certificates.front()->fingerprint_sha256();
}

std::optional<bool> chain_valid(const Handshake& seen) { return seen.chain ? std::optional(seen.chain->valid) : std::nullopt; }

// What became of our certificate; absent while that is not settled.
std::optional<Verdict> answer(const Handshake& seen) {
  return seen.client.verdict == Verdict::unconfirmed ? std::nullopt : seen.client.verdict;
}

std::optional<bool> upgrades(const Handshake& seen) {
  const auto* failure = seen.failure();
  if (failure != nullptr && failure->reason == Reason::starttls_refused) return false;
  return seen.phases.dialogue.count() > 0 && !seen.certificates.empty() ? std::optional(true) : std::nullopt;
}

template <typename Value>
bool differ(const std::optional<Value>& one, const std::optional<Value>& other) {
  return one && other && *one != *other;
}

}  // namespace

std::vector<std::string> differences(const WatchSlot& one, const WatchSlot& other) {
  std::vector<std::string> found;
  if (!one.last || !other.last || one.identity != other.identity) return found;
  const Handshake &a = *one.last, &b = *other.last;
  if (differ(leaf(a), leaf(b))) found.emplace_back("another certificate");
  if (differ(chain_valid(a), chain_valid(b))) found.emplace_back("another verdict on the chain");
  if (differ(answer(a), answer(b))) found.emplace_back("another answer to our certificate");
  if (differ(upgrades(a), upgrades(b))) found.emplace_back("STARTTLS refused at one of them");
  return found;
}

void FannedOut::add(std::shared_ptr<const WatchSlot> slot) {
  std::vector<std::shared_ptr<const WatchSlot>>& slots = by_target_[slot->target->name];
  slots.push_back(std::move(slot));
}

metrics::Rows FannedOut::rows(const metrics::Scope& scope) const {
  metrics::Rows rows;
  for (const auto& [name, slots] : by_target_) {
    const config::Target& target = *slots.front()->target;
    metrics::AddressesRow row{.labels = {}, .addresses = target.addresses};
    metrics::append_label(row.labels, "target", name);
    metrics::append_labels(row.labels, metrics::merged(target.labels, scope.labels));
    for (std::size_t i = 0; i < slots.size() && !row.disagree; ++i)
      for (std::size_t j = i + 1; j < slots.size() && !row.disagree; ++j)
        row.disagree = !differences(*slots[i], *slots[j]).empty();
    rows.addresses.push_back(std::move(row));
  }
  return rows;
}

}  // namespace exporter
