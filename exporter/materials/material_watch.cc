#include "exporter/materials/material_watch.h"

#include <algorithm>
#include <vector>

#include "probes/observations/wall_time.h"

namespace exporter {

using probes::chain::TrustStore;
using probes::chain::TrustStorePtr;
using probes::observations::Finding;
using probes::observations::Problem;
using probes::tls::Identity;
using probes::tls::IdentityPtr;

namespace {

constexpr std::chrono::minutes judgement_period(1);

bool same(const Problem& one, const Problem& other) {
  return one.finding == other.finding && one.position == other.position && one.detail == other.detail;
}

bool same_judgement(const Identity& one, const Identity& other) {
  return one.judgement() == other.judgement() && std::ranges::equal(one.problems(), other.problems(), &same);
}

// A token comes back without any file changing. One that refused its PIN is not asked again: it may lock itself after three.
bool lacks_token(const Identity& identity) {
  return std::ranges::any_of(identity.problems(),
                             [](const Problem& problem) { return problem.finding == Finding::token_unavailable; });
}

bool lacks_token(const Materials& materials, const std::string& name) {
  const auto unfit = materials.unfit_identities.find(name);
  return lacks_token(unfit == materials.unfit_identities.end() ? *materials.identities.at(name) : *unfit->second);
}

// The files that `trust` names, revocation lists and passphrases included.
Sighting sighted(const config::TrustStore& trust) {
  Sighting seen = sight_patterns(trust.ca_files);
  for (FileSighting& file : sight_patterns(trust.crl_files)) seen.push_back(std::move(file));
  for (FileSighting& file : sight(trust.passphrase_files)) seen.push_back(std::move(file));
  return seen;
}

// Puts `seen` in the place of `known`; false if they are equal.
bool renew(Sighting& known, Sighting seen) {
  const bool differs = known != seen;
  known = std::move(seen);
  return differs;
}

}  // namespace

std::chrono::sys_seconds MaterialWatch::system_time() { return probes::observations::wall_seconds(); }

// Every file is looked at before it is read: one that changes meanwhile is read again.
MaterialWatch::MaterialWatch(std::shared_ptr<const config::Settings> settings, const MaterialsPtr& previous, Changed changed,
                             std::chrono::milliseconds period, Clock clock, std::shared_ptr<probes::revocation::Remote> remote)
    : settings_(std::move(settings)), changed_(std::move(changed)), period_(period), clock_(std::move(clock)) {
  for (const auto& [name, identity] : settings_->identities) identity_files_[name] = sight(probes::tls::files_of(identity));
  for (const auto& [name, trust] : settings_->trust) trust_files_[name] = sighted(trust);
  for (const std::string& file : proxy_password_files(*settings_)) password_files_[file] = sight({file});
  judged_ = clock_();
  current_ = load_materials(settings_, judged_, previous, std::move(remote));
  for (const auto& [name, store] : current_->trust)
    if (trust_settings(*settings_, name).system) trust_files_[name] = sighted_trust(*current_, name);
  thread_ = std::jthread([this](const std::stop_token& stopping) { run(stopping); });
}

MaterialWatch::~MaterialWatch() { stop(); }

MaterialsPtr MaterialWatch::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void MaterialWatch::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void MaterialWatch::run(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stopping, period_, [] { return false; });
    lock.unlock();
    look(stopping);
  }
}

void MaterialWatch::look(const std::stop_token& stopping) {
  const std::chrono::sys_seconds now = clock_();
  const bool due = now >= judged_ + judgement_period || now < judged_;
  const auto next = std::make_shared<Materials>(*current());
  std::vector<Change> changes;
  for (const auto& [name, store] : current()->trust)
    if (!stopping.stop_requested() && refresh_trust(*next, name)) changes.emplace_back(MaterialKind::trust, name);
  for (const auto& [name, identity] : settings_->identities) {
    const bool judge = due || std::ranges::find(changes, Change(MaterialKind::trust, identity.trust)) != changes.end();
    if (!stopping.stop_requested() && refresh_identity(*next, identity, judge, now))
      changes.emplace_back(MaterialKind::identity, name);
  }
  if (due) judged_ = now;
  const bool passwords = refresh_proxy_passwords(*next);
  if ((changes.empty() && !passwords) || stopping.stop_requested()) return;
  {
    const std::lock_guard lock(mutex_);
    current_ = next;
  }
  for (const auto& [kind, name] : changes) changed_(kind, name);
}

bool MaterialWatch::refresh_proxy_passwords(Materials& next) {
  bool any = false;
  for (auto& [file, seen] : password_files_) {
    if (!renew(seen, sight({file}))) continue;
    next.proxy_passwords[file] = std::make_shared<const probes::tls::FileContent>(probes::tls::read_passphrase(file));
    any = true;
  }
  return any;
}

bool MaterialWatch::refresh_trust(Materials& next, const std::string& name) {
  if (!renew(trust_files_[name], sighted_trust(next, name))) return false;
  take(next, name, TrustStore::load(trust_settings(*settings_, name), next.trust.at(name).get()));
  return true;
}

bool MaterialWatch::refresh_identity(Materials& next, const config::Identity& settings, bool judge,
                                     std::chrono::sys_seconds now) {
  const TrustStorePtr trust = trust_of(settings, next);
  const bool written = renew(identity_files_[settings.name], sight(probes::tls::files_of(settings)));
  if (written || (judge && lacks_token(next, settings.name))) {
    take(next, settings.name, Identity::load(settings, trust, now));
    return true;
  }
  if (!judge) return false;
  IdentityPtr& in_use = next.identities.at(settings.name);
  const IdentityPtr before = in_use;
  in_use = before->judged_again(trust, now);
  return !same_judgement(*before, *in_use);
}

// The system's store is known by the files it was last read from.
Sighting MaterialWatch::sighted_trust(const Materials& materials, const std::string& name) const {
  const config::TrustStore settings = trust_settings(*settings_, name);
  Sighting seen = sighted(settings);
  if (!settings.system) return seen;
  const auto unfit = materials.unfit_trust.find(name);
  const TrustStorePtr read = unfit == materials.unfit_trust.end() ? materials.trust.at(name) : unfit->second;
  for (FileSighting& file : sight(read->paths())) seen.push_back(std::move(file));
  return seen;
}

}  // namespace exporter
