#include "exporter/materials/materials.h"

#include <openssl/x509_vfy.h>

#include <algorithm>

#include "probes/observations/unreadable.h"

namespace exporter {

using probes::chain::TrustStore;
using probes::chain::TrustStorePtr;
using probes::observations::Problem;
using probes::tls::Identity;
using probes::tls::IdentityPtr;
using probes::tls::Ptr;

namespace {

// The system's anchors included, which TrustStore::anchors() leaves out.
int count(const TrustStore& store) { return sk_X509_OBJECT_num(X509_STORE_get0_objects(store.store())); }

// Errors alone do not make a store unfit, or a README in its directory would freeze it. Losing an anchor with them does.
bool is_fit(const TrustStore& read, const TrustStore& in_use) {
  if (read.errors().empty()) return true;
  const auto kept = [&](const Ptr<X509>& anchor) { return read.contains(anchor.get()); };
  return count(read) >= count(in_use) && std::all_of(in_use.anchors().begin(), in_use.anchors().end(), kept);
}

bool same_source(const config::Identity& one, const config::Identity& other) {
  return probes::tls::files_of(one) == probes::tls::files_of(other) && one.key == other.key;
}

bool same_source(const config::TrustStore& one, const config::TrustStore& other) {
  return one.ca_files == other.ca_files && one.passphrase_files == other.passphrase_files && one.crl_files == other.crl_files &&
         one.system == other.system && one.partial_chain == other.partial_chain;
}

// What a reload may keep: material whose settings still name the same files.
void inherit(Materials& made, const Materials& previous) {
  for (const auto& [name, settings] : made.settings->identities)
    if (const auto old = previous.settings->identities.find(name);
        old != previous.settings->identities.end() && same_source(settings, old->second))
      made.identities[name] = previous.identities.at(name);
  for (const auto& [name, store] : previous.trust) {
    const bool named = name.empty() || made.settings->trust.contains(name);
    if (named && same_source(trust_settings(*made.settings, name), trust_settings(*previous.settings, name)))
      made.trust[name] = store;
  }
}

template <typename Map>
typename Map::mapped_type found(const Map& map, const std::string& name) {
  const auto entry = map.find(name);
  return entry == map.end() ? nullptr : entry->second;
}

}  // namespace

MaterialsPtr load_materials(std::shared_ptr<const config::Settings> settings, std::chrono::sys_seconds now,
                            const MaterialsPtr& previous, std::shared_ptr<probes::revocation::Remote> remote) {
  const auto made = std::make_shared<Materials>();
  made->settings = std::move(settings);
  made->remote = std::move(remote);
  if (previous) inherit(*made, *previous);
  take(*made, "", TrustStore::load(trust_settings(*made->settings, "")));
  for (const auto& [name, trust] : made->settings->trust)
    take(*made, name, TrustStore::load(trust, found(made->trust, name).get()));
  for (const auto& [name, identity] : made->settings->identities)
    take(*made, name, Identity::load(identity, trust_of(identity, *made), now));
  for (const std::string& file : proxy_password_files(*made->settings))
    made->proxy_passwords[file] = std::make_shared<const probes::tls::FileContent>(probes::tls::read_passphrase(file));
  return made;
}

std::set<std::string> proxy_password_files(const config::Settings& settings) {
  std::set<std::string> files;
  const auto add = [&](const config::Module& module) {
    if (module.proxy && !module.proxy->password_file.empty()) files.insert(module.proxy->password_file);
  };
  for (const auto& [name, module] : settings.modules) add(*module);
  for (const auto& target : settings.targets) add(*target->module);
  return files;
}

std::shared_ptr<const probes::tls::FileContent> proxy_password(const Materials& materials, const config::Module& module) {
  return module.proxy ? found(materials.proxy_passwords, module.proxy->password_file) : nullptr;
}

config::TrustStore trust_settings(const config::Settings& settings, const std::string& name) {
  return name.empty() ? config::TrustStore{.system = true} : settings.trust.at(name);
}

IdentityPtr identity_named(const Materials& materials, const std::string& name) {
  if (name.empty()) return nullptr;
  const IdentityPtr known = found(materials.identities, name);
  return known ? known : Identity::of(name, {}, nullptr);
}

TrustStorePtr trust_named(const Materials& materials, const std::string& name) {
  const TrustStorePtr known = found(materials.trust, name);
  return known ? known : found(materials.trust, "");
}

TrustStorePtr trust_of(const config::Identity& identity, const Materials& materials) {
  return identity.trust.empty() ? nullptr : found(materials.trust, identity.trust);
}

void take(Materials& materials, const std::string& name, IdentityPtr read) {
  IdentityPtr& in_use = materials.identities[name];
  materials.unfit_identities.erase(name);
  if (in_use && in_use->usable() && !read->usable()) materials.unfit_identities[name] = std::move(read);
  else in_use = std::move(read);
}

void take(Materials& materials, const std::string& name, TrustStorePtr read) {
  TrustStorePtr& in_use = materials.trust[name];
  materials.unfit_trust.erase(name);
  if (in_use && !is_fit(*read, *in_use)) materials.unfit_trust[name] = std::move(read);
  else in_use = std::move(read);
}

IdentitySlot identity_slot(const Materials& materials, const config::Identity& settings) {
  const IdentityPtr in_use = materials.identities.at(settings.name);
  IdentitySlot slot{.name = settings.name,
                    .labels = settings.labels,
                    .usable = in_use->usable(),
                    .certificates = in_use->certificates(),
                    .chain = in_use->judgement(),
                    .problems = in_use->problems(),
                    .files = in_use->paths()};
  const IdentityPtr unfit = found(materials.unfit_identities, settings.name);
  if (!unfit) return slot;
  for (const Problem& problem : unfit->problems()) {
    const bool known = std::any_of(slot.problems.begin(), slot.problems.end(),
                                   [&](const Problem& one) { return one.finding == problem.finding; });
    if (!known) slot.problems.push_back(problem);
  }
  return slot;
}

TrustSlot trust_slot(const Materials& materials, const config::TrustStore& settings) {
  const TrustStorePtr in_use = materials.trust.at(settings.name);
  const TrustStorePtr unfit = found(materials.unfit_trust, settings.name);
  const TrustStore& read = unfit ? *unfit : *in_use;
  TrustSlot slot{.name = settings.name, .labels = settings.labels, .certificates = in_use->certificates()};
  for (std::size_t anchor = 0; anchor < slot.certificates.size(); ++anchor)
    for (Problem& problem : probes::observations::unreadable_facts(*slot.certificates[anchor], static_cast<int>(anchor)))
      slot.problems.push_back(std::move(problem));
  for (const probes::observations::Trouble& error : read.errors()) ++slot.errors[error.reason];
  slot.files = read.paths();
  slot.troubles = read.errors();
  slot.revocation_lists = in_use->revocation_lists();
  slot.up = read.errors().empty() && count(read) > 0;
  return slot;
}

}  // namespace exporter
