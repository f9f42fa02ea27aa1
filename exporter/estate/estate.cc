#include "exporter/estate/estate.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "exporter/estate/estate_entry.h"
#include "exporter/estate/estate_sources.h"
#include "exporter/estate/fanned_out.h"
#include "exporter/estate/issuers.h"
#include "exporter/estate/observe.h"
#include "exporter/estate/probe_results.h"
#include "exporter/estate/state.h"
#include "exporter/estate/worked_out.h"

namespace exporter {

using metrics::Scope;
using metrics::SlotText;
using probes::observations::Handshake;
using probes::observations::KnockFound;
using probes::observations::SourceReason;

// A watch as new settings want it, rendered before the settings take effect so that they can do so in one short step.
struct Estate::Revision {
  // The leaves it is paired with follow at its next probe.
  static WatchSlot aimed_at(WatchSlot slot, const std::shared_ptr<const config::Target>& target) {
    slot.target = target;
    return slot;
  }

  Revision(std::shared_ptr<Entry<WatchSlot>> of, std::shared_ptr<const config::Target> aim, const Scope& scope)
      : entry(std::move(of)),
        target(std::move(aim)),
        before(entry->snapshot()),
        after(std::make_shared<WatchSlot>(aimed_at(*before, target))),
        text(rendered(*after, scope)) {}

  void install(const std::shared_ptr<const Scope>& scope) const {
    const std::lock_guard lock(entry->mutex);
    entry->scope = scope;
    const bool overtaken = entry->slot != before;  // a probe finished since
    entry->slot = overtaken ? std::make_shared<WatchSlot>(aimed_at(*entry->slot, target)) : after;
    entry->text = overtaken ? rendered(*entry->slot, *scope) : text;
  }

  std::shared_ptr<Entry<WatchSlot>> entry;
  std::shared_ptr<const config::Target> target;
  std::shared_ptr<const WatchSlot> before;
  std::shared_ptr<const WatchSlot> after;
  std::shared_ptr<const SlotText> text;
};

namespace {

template <typename Entries, typename Wanted>
void keep_wanted(Entries& entries, const Wanted& wanted, const std::shared_ptr<const Scope>& scope) {
  std::erase_if(entries, [&](const auto& entry) { return !wanted.contains(entry.first); });
  for (const auto& [name, entry] : entries) {
    const std::lock_guard lock(entry->mutex);
    if (*entry->scope != *scope) entry->text = rendered(*entry->slot, *scope);
    entry->scope = scope;
  }
}

template <typename Entries>
auto snapshots(const Entries& entries) {
  std::vector<decltype(entries.begin()->second->snapshot())> found;
  found.reserve(entries.size());
  for (const auto& [key, entry] : entries) found.push_back(entry->snapshot());
  return found;
}

std::set<std::string> discovery_names(const config::Settings& settings) {
  std::set<std::string> names;
  for (const config::Discovery& discovery : settings.discovery) names.insert(discovery.name);
  return names;
}

}  // namespace

std::vector<WatchKey> watches_of(const config::Target& target) {
  const std::vector<std::string>& identities = target.module->identities;
  if (identities.empty()) return {{.target = target.name, .identity = "", .address = target.address}};
  std::vector<WatchKey> watches;
  watches.reserve(identities.size());
  for (const std::string& identity : identities)
    watches.push_back({.target = target.name, .identity = identity, .address = target.address});
  return watches;
}

Estate::Estate()
    : scope_(std::make_shared<Scope>()), results_(std::make_unique<ProbeResults>()), worked_out_(std::make_unique<WorkedOut>()) {}

Estate::~Estate() = default;

void Estate::follow(std::function<void(const State&, WallTime)> told) { told_ = std::move(told); }

void Estate::tell(const State& state, WallTime at) const {
  if (told_) told_(state, at);
}

void Estate::adopt(const config::Settings& settings) {
  const std::lock_guard adopting(adopting_);
  const auto scope = std::make_shared<const Scope>(Scope{settings.detail, settings.labels});
  Entries<WatchKey, WatchSlot> wanted;
  std::vector<Revision> revisions;
  for (const auto& target : settings.targets) {
    for (const WatchKey& key : watches_of(*target)) {
      auto entry = find(key);
      if (entry) {
        revisions.emplace_back(entry, target, *scope);
      } else {
        entry = std::make_shared<Entry<WatchSlot>>(WatchSlot{.target = target, .identity = key.identity}, scope);
      }
      wanted.emplace(key, std::move(entry));
    }
  }
  const std::unique_lock lock(mutex_);
  for (const Revision& revision : revisions) revision.install(scope);
  keep_wanted(identities_, settings.identities, scope);
  keep_wanted(trusts_, settings.trust, scope);
  keep_wanted(discoveries_, discovery_names(settings), scope);
  std::set<SourceKey> wanted_sources = sources_of(settings);
  std::ranges::copy_if(wanted_sources_, std::inserter(wanted_sources, wanted_sources.end()),
                       [](const SourceKey& key) { return is_remote(key.kind); });
  wanted_sources_ = std::move(wanted_sources);
  for (const auto& [key, entry] : sources_)
    if (!wanted_sources_.contains(key)) leaves_.replace(key.name, {});
  keep_wanted(sources_, wanted_sources_, scope);
  rotations_.clear();
  for (const auto& [name, rotation] : settings.rotations) rotations_.push_back(rotation);
  scope_ = scope;
  watches_.swap(wanted);
}

std::shared_ptr<Estate::Entry<WatchSlot>> Estate::find(const WatchKey& key) const {
  const std::shared_lock lock(mutex_);
  const auto found = watches_.find(key);
  return found == watches_.end() ? nullptr : found->second;
}

void Estate::record(const WatchKey& key, Handshake observation) {
  const auto entry = find(key);
  if (!entry) return;
  results_->count(observation.failure());
  const WallTime at = observation.finished;
  entry->replace([&](const WatchSlot& slot) { return paired(after_probe(slot, std::move(observation)), leaves_); });
  if (told_) tell(watch_state(*entry->snapshot()), at);
}

void Estate::record_knock(const WatchKey& key, const std::string& knock, KnockFound found, WallTime at) {
  const auto entry = find(key);
  if (!entry) return;
  entry->replace([&](const WatchSlot& slot) { return after_knock(slot, knock, found, at); });
  if (told_) tell(door_state(*entry->snapshot()), at);
}

void Estate::set_identity(IdentitySlot slot) {
  tell(state_of(slot), probes::observations::wall_now());
  const std::unique_lock lock(mutex_);
  const std::string name = slot.name;
  identities_[name] = std::make_shared<Entry<IdentitySlot>>(std::move(slot), scope_);
}

void Estate::remove_identity(const std::string& name) {
  const std::unique_lock lock(mutex_);
  identities_.erase(name);
}

void Estate::set_trust(TrustSlot slot) {
  tell(state_of(slot), probes::observations::wall_now());
  const std::unique_lock lock(mutex_);
  const std::string name = slot.name;
  auto& entry = trusts_[name];
  for (const SourceReason reason : reasons_of(SourceKind::trust)) slot.errors.emplace(reason, 0);
  if (entry)
    for (const auto& [reason, count] : entry->snapshot()->errors) slot.errors[reason] += count;
  entry = std::make_shared<Entry<TrustSlot>>(std::move(slot), scope_);
}

void Estate::remove_trust(const std::string& name) {
  const std::unique_lock lock(mutex_);
  trusts_.erase(name);
}

void Estate::set_discovery(DiscoverySlot slot) {
  if (!slot.awaited) tell(state_of(slot), probes::observations::wall_now());
  const std::unique_lock lock(mutex_);
  auto& entry = discoveries_[slot.name];
  if (entry) {
    const auto before = entry->snapshot();
    for (const auto& [reason, count] : before->errors) slot.errors[reason] += count;
    if (!slot.refreshed) slot.refreshed = before->refreshed;
  }
  entry = std::make_shared<Entry<DiscoverySlot>>(std::move(slot), scope_);
}

bool Estate::tried_once() const {
  const std::shared_lock lock(mutex_);
  for (const auto& [key, entry] : watches_)
    if (!entry->snapshot()->last) return false;
  return true;
}

std::vector<std::shared_ptr<const WatchSlot>> Estate::watches() const {
  const std::shared_lock lock(mutex_);
  return snapshots(watches_);
}

std::shared_ptr<const WatchSlot> Estate::watch(const WatchKey& key) const {
  const auto entry = find(key);
  return entry ? entry->snapshot() : nullptr;
}

std::vector<std::shared_ptr<const IdentitySlot>> Estate::identities() const {
  const std::shared_lock lock(mutex_);
  return snapshots(identities_);
}

std::vector<std::shared_ptr<const TrustSlot>> Estate::trusts() const {
  const std::shared_lock lock(mutex_);
  return snapshots(trusts_);
}

std::vector<std::shared_ptr<const DiscoverySlot>> Estate::discoveries() const {
  const std::shared_lock lock(mutex_);
  return snapshots(discoveries_);
}

std::vector<std::shared_ptr<const SourceSlot>> Estate::sources() const {
  const std::shared_lock lock(mutex_);
  return snapshots(sources_);
}

std::shared_ptr<const Scope> Estate::scope() const {
  const std::shared_lock lock(mutex_);
  return scope_;
}

std::vector<config::Rotation> Estate::rotations() const {
  const std::shared_lock lock(mutex_);
  return rotations_;
}

std::vector<std::shared_ptr<const SlotText>> Estate::texts(WallTime now) const {
  auto of_all = worked_out_->text(*this, *scope(), now);
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<const SlotText>> found;
  found.reserve(watches_.size() + identities_.size() + trusts_.size() + sources_.size() + 4);
  Issuers issuers;
  FannedOut fanned_out;
  for (const auto& [key, entry] : watches_) {
    const auto [slot, text] = entry->snapshot_with_text();
    found.push_back(text);
    if (!key.address.empty()) fanned_out.add(slot);
    if (slot->received) issuers.add(slot->received->chain);
  }
  for (const auto& [name, entry] : identities_) {
    found.push_back(entry->snapshot_of_text());
    issuers.add(entry->snapshot()->chain);
  }
  for (const auto& [name, entry] : trusts_) found.push_back(entry->snapshot_of_text());
  for (const auto& [name, entry] : discoveries_) found.push_back(entry->snapshot_of_text());
  for (const auto& [key, entry] : sources_) {
    found.push_back(entry->snapshot_of_text());
    issuers.add(entry->snapshot()->issuers);
  }
  found.push_back(std::make_shared<SlotText>(metrics::render(issuers.rows(*scope_), scope_->detail)));
  found.push_back(std::make_shared<SlotText>(metrics::render(fanned_out.rows(*scope_), scope_->detail)));
  found.push_back(std::make_shared<SlotText>(metrics::render(results_->rows(), config::Detail::lean)));
  found.push_back(std::move(of_all));
  return found;
}

}  // namespace exporter
