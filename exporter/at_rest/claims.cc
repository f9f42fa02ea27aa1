#include "exporter/at_rest/claims.h"

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>

namespace exporter {

void Claims::settle(SourceSlot& slot, const metrics::Scope& scope) {
  std::vector<std::size_t> digests;
  digests.reserve(slot.published.size());
  for (const metrics::CertificateRow& row : metrics::rows(slot, scope).certificates)
    digests.push_back(std::hash<std::string>{}(row.labels));
  const std::lock_guard lock(mutex_);
  held_.erase(slot.key);
  const auto taken = [&](std::size_t digest) {
    return std::ranges::any_of(held_, [&](const auto& source) { return std::ranges::binary_search(source.second, digest); });
  };
  std::unordered_set<std::size_t> own;
  std::vector<RestingCertificate> kept;
  kept.reserve(slot.published.size());
  for (std::size_t index = 0; index < digests.size(); ++index)
    if (!taken(digests[index]) && own.insert(digests[index]).second) kept.push_back(std::move(slot.published[index]));
  std::vector<std::size_t>& held = held_[slot.key];
  held.assign(own.begin(), own.end());
  std::ranges::sort(held);
  slot.dropped += slot.published.size() - kept.size();
  slot.published = std::move(kept);
}

void Claims::release(const SourceKey& key) {
  const std::lock_guard lock(mutex_);
  held_.erase(key);
}

}  // namespace exporter
