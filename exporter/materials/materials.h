// The identities and trust stores of a configuration, as read from their files: one immutable snapshot that every probe shares.
// A file caught half-written, or gone, does not take working material away: the last good one stays in use and what was
// read stands beside it as unfit, so that its problems are shown. Loading blocks: never on a probe's thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "config/settings.h"
#include "exporter/estate/estate.h"
#include "probes/chain/trust_store.h"
#include "probes/revocation/wanted.h"
#include "probes/tls/identity.h"
#include "probes/tls/secret_file.h"

namespace exporter {

struct Materials {
  std::shared_ptr<const config::Settings> settings;
  std::map<std::string, probes::tls::IdentityPtr> identities;  // in use; one for each of the settings, usable or not
  std::map<std::string, probes::chain::TrustStorePtr> trust;   // in use; besides those of the settings "", the system's store
  std::shared_ptr<probes::revocation::Remote> remote;          // what is asked over HTTP of revocation; null: nothing is
  std::map<std::string, std::shared_ptr<const probes::tls::FileContent>> proxy_passwords;  // by file, read or not
  std::map<std::string, probes::tls::IdentityPtr> unfit_identities;  // read last, while an older one is in use
  std::map<std::string, probes::chain::TrustStorePtr> unfit_trust;
};

using MaterialsPtr = std::shared_ptr<const Materials>;

// Reads everything. `previous`, null at the start: what a reload keeps of it where the same files have become unfit. Never
// throws; trouble is in the identities and stores.
[[nodiscard]] MaterialsPtr load_materials(std::shared_ptr<const config::Settings> settings, std::chrono::sys_seconds now,
                                          const MaterialsPtr& previous = nullptr,
                                          std::shared_ptr<probes::revocation::Remote> remote = nullptr);

// The settings of the trust store `name`; "" is the system's.
[[nodiscard]] config::TrustStore trust_settings(const config::Settings& settings, const std::string& name);

// What a probe uses. An identity: null for "" (none), one that is not usable for an unknown name. A trust store: the system's for
// "" and for an unknown name; never null.
[[nodiscard]] probes::tls::IdentityPtr identity_named(const Materials& materials, const std::string& name);
[[nodiscard]] probes::chain::TrustStorePtr trust_named(const Materials& materials, const std::string& name);

// The files that the proxies of the settings name, each once; and what a probe of a target takes of them: null where none is
// needed.
[[nodiscard]] std::set<std::string> proxy_password_files(const config::Settings& settings);
[[nodiscard]] std::shared_ptr<const probes::tls::FileContent> proxy_password(const Materials& materials,
                                                                             const config::Module& module);

// The store an identity should chain to; null where none is configured.
[[nodiscard]] probes::chain::TrustStorePtr trust_of(const config::Identity& identity, const Materials& materials);

// Puts what was just read into use, or aside where it is unfit and what is in use is better.
void take(Materials& materials, const std::string& name, probes::tls::IdentityPtr read);
void take(Materials& materials, const std::string& name, probes::chain::TrustStorePtr read);

// What the estate publishes of them: the material in use, and the problems of that and of what was read last.
[[nodiscard]] IdentitySlot identity_slot(const Materials& materials, const config::Identity& settings);
[[nodiscard]] TrustSlot trust_slot(const Materials& materials, const config::TrustStore& settings);

}  // namespace exporter
