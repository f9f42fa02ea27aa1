#include "exporter/estate/estate_sources.h"

#include <string>
#include <utility>

#include "exporter/estate/estate_entry.h"
#include "exporter/estate/issuers.h"
#include "exporter/estate/state.h"

namespace exporter {

using metrics::Scope;
using probes::observations::SourceReason;

std::set<SourceKey> sources_of(const config::Settings& settings) {
  std::set<SourceKey> keys;
  for (const auto& [name, set] : settings.files) keys.insert({SourceKind::file, name});
  for (const config::Discovery& discovery : settings.discovery)
    if (const auto* cluster = std::get_if<config::Kubernetes>(&discovery.source); cluster != nullptr && cluster->has_at_rest())
      keys.insert({SourceKind::file, discovery.name});
  for (const auto& [name, authority] : settings.authorities) keys.insert({SourceKind::authority, name});
  for (const auto& [name, callers] : settings.callers) keys.insert({SourceKind::caller, name});
  if (!settings.certificate_files.empty()) keys.insert({SourceKind::file, std::string(config::served_files)});
  for (const auto& target : settings.targets)
    if (!target->certificate_file.empty()) keys.insert({SourceKind::file, std::string(config::served_files)});
  return keys;
}

WatchSlot paired(WatchSlot slot, const StoredLeaves& leaves) {
  slot.stored.clear();
  if (slot.received && !slot.received->certificates.empty())
    slot.stored = leaves.counterparts(*slot.received->certificates.front(), slot.target->certificate_file);
  return slot;
}

namespace {

// Whether the slot's counterparts are others since.
bool concerns(const StoredLeaves::Change& change, const WatchSlot& slot) {
  if (!slot.received || slot.received->certificates.empty()) return false;
  return change.paths.contains(slot.target->certificate_file) ||
         (!change.purposes.empty() && change.purposes.contains(digest_of_purpose(*slot.received->certificates.front())));
}

}  // namespace

void Estate::set_remote_source(SourceSlot slot) {
  {
    const std::unique_lock lock(mutex_);
    wanted_sources_.insert(slot.key);
  }
  set_source(std::move(slot));
}

void Estate::remove_remote_source(const SourceKey& key) {
  const std::unique_lock lock(mutex_);
  wanted_sources_.erase(key);
  sources_.erase(key);
}

void Estate::set_source(SourceSlot slot) {
  const SourceKey key = slot.key;
  tell(state_of(slot), probes::observations::wall_now());
  std::vector<StoredLeaf> leaves = std::exchange(slot.leaves, {});
  slot.issuers = path_issuers(slot.published);
  for (const SourceReason reason : reasons_of(key.kind)) slot.errors.emplace(reason, 0);
  std::shared_ptr<const Scope> scope;
  {
    const std::shared_lock lock(mutex_);
    scope = scope_;
    if (const auto before = sources_.find(key); before != sources_.end())
      for (const auto& [reason, count] : before->second->snapshot()->errors) slot.errors[reason] += count;
  }
  const auto entry = std::make_shared<Entry<SourceSlot>>(std::move(slot), scope);  // slow: outside the lock
  {
    const std::unique_lock lock(mutex_);
    if (!wanted_sources_.contains(key)) return;
    if (*scope != *scope_) entry->text = rendered(*entry->slot, *scope_);  // a reload came between
    entry->scope = scope_;
    sources_[key] = entry;
  }
  if (key.kind != SourceKind::file) return;
  pair(key.name == config::served_files ? leaves_.replace_named(std::move(leaves))
                                        : leaves_.replace(key.name, std::move(leaves)));
}

std::vector<StoredLeaf> Estate::stored_like(const probes::observations::Certificate& certificate) const {
  return leaves_.counterparts(certificate, "");
}

// A probe that finishes meanwhile pairs its watch itself, with the leaves as they are by then.
void Estate::pair(const StoredLeaves::Change& change) {
  if (change.empty()) return;
  std::vector<std::shared_ptr<Entry<WatchSlot>>> entries;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [key, entry] : watches_) entries.push_back(entry);
  }
  for (const auto& entry : entries)
    if (concerns(change, *entry->snapshot())) entry->replace([&](const WatchSlot& slot) { return paired(slot, leaves_); });
}

}  // namespace exporter
