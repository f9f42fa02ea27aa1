#include "exporter/claims.h"

#include <functional>
#include <string>
#include <utility>

namespace exporter {

void Claims::settle(SourceSlot& slot, const metrics::Scope& scope) {
  std::vector<std::size_t> digests;
  digests.reserve(slot.published.size());
  for (const metrics::CertificateRow& row : metrics::rows(slot, scope).certificates)
    digests.push_back(std::hash<std::string>{}(row.labels));
  const std::lock_guard lock(mutex_);
  forget(slot.key);
  std::vector<std::size_t>& held = held_[slot.key];
  std::vector<RestingCertificate> kept;
  kept.reserve(slot.published.size());
  for (std::size_t index = 0; index < digests.size(); ++index) {
    if (!taken_.insert(digests[index]).second) continue;
    held.push_back(digests[index]);
    kept.push_back(std::move(slot.published[index]));
  }
  slot.dropped += slot.published.size() - kept.size();
  slot.published = std::move(kept);
}

void Claims::release(const SourceKey& key) {
  const std::lock_guard lock(mutex_);
  forget(key);
}

void Claims::forget(const SourceKey& key) {
  const auto held = held_.find(key);
  if (held == held_.end()) return;
  for (const std::size_t digest : held->second) taken_.erase(digest);
  held_.erase(held);
}

}  // namespace exporter
