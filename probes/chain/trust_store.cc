#include "probes/chain/trust_store.h"

#include <openssl/err.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "probes/chain/anchor_files.h"
#include "probes/inventory/scan.h"
#include "probes/tls/certificate_facts.h"
#include "probes/tls/made.h"

namespace probes::chain {

namespace {

std::uint64_t next_generation() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

}  // namespace

// The system's anchors are trusted but not listed: nobody wants a hundred public roots in an estate of internal ones.
void TrustStore::trust(std::vector<tls::Ptr<X509>> anchors, bool listed) {
  for (tls::Ptr<X509>& anchor : anchors) {
    if (!fingerprints_.insert(tls::fingerprint_sha256(anchor.get())).second) continue;
    X509_STORE_add_cert(store_.get(), anchor.get());
    if (!listed) continue;
    certificates_.push_back(tls::remembered_facts(anchor.get()));
    anchors_.push_back(std::move(anchor));
  }
  ERR_clear_error();
}

TrustStore::TrustStore(std::string name)
    : name_(std::move(name)), generation_(next_generation()), store_(tls::made(X509_STORE_new())) {}

std::shared_ptr<const TrustStore> TrustStore::load(const config::TrustStore& settings, const TrustStore* previous) {
  AnchorFiles files, system;
  const std::vector<tls::Secret> passphrases = inventory::read_passphrases(settings.passphrase_files, files.errors);
  for (const std::string& pattern : settings.ca_files)
    read_anchors(pattern, files, {.passphrases = passphrases, .partial_chain = settings.partial_chain});
  if (settings.system) read_system_anchors(system);

  const std::shared_ptr<TrustStore> loaded(new TrustStore(settings.name));
  loaded->partial_chain_ = settings.partial_chain;
  loaded->trust(std::move(files.anchors), true);
  loaded->trust(std::move(system.anchors), false);
  loaded->paths_ = std::move(files.paths);
  loaded->paths_.insert(loaded->paths_.end(), system.paths.begin(), system.paths.end());
  loaded->errors_ = std::move(files.errors);
  loaded->errors_.insert(loaded->errors_.end(), system.errors.begin(), system.errors.end());
  loaded->read_revocation_lists(settings.crl_files, previous);
  return loaded;
}

// A list that an anchor of its issuer's name did not sign is shown as it is, and is an error.
void TrustStore::read_revocation_lists(const std::vector<std::string>& paths, const TrustStore* previous) {
  std::vector<X509*> issuers;
  for (const tls::Ptr<X509>& anchor : anchors_) issuers.push_back(anchor.get());
  std::vector<revocation::NamedList> lists;
  observations::Inventory read = inventory::read_revocation_lists(paths, issuers, lists);
  // That a list holds no certificate is as it should be.
  std::erase_if(read.troubles, [](const auto& trouble) { return trouble.reason == observations::SourceReason::no_certificates; });
  revocation_lists_ = std::move(read.revocation_lists);
  for (revocation::NamedList& list : lists) lists_.add(std::move(list));
  if (previous != nullptr)
    for (const observations::Trouble& trouble : read.troubles) keep_lists_of(trouble.path, *previous);
  for (const observations::RevocationList& list : revocation_lists_)
    if (list.genuine == false)
      read.troubles.push_back(
          {.reason = observations::SourceReason::bad_crl, .path = list.path, .detail = "not signed by " + list.issuer});
  errors_.insert(errors_.end(), read.troubles.begin(), read.troubles.end());
}

// A file that is half-written, or gone for the moment, must not make what was revoked good.
void TrustStore::keep_lists_of(const std::string& path, const TrustStore& previous) {
  const auto of_path = [&](const observations::RevocationList& list) { return list.path == path; };
  if (std::ranges::count_if(revocation_lists_, of_path) >= std::ranges::count_if(previous.revocation_lists_, of_path)) return;
  std::vector<observations::RevocationList> facts;
  revocation::Lists lists;
  const auto take = [&](const TrustStore& from, bool wanted) {
    for (std::size_t i = 0; i < from.revocation_lists_.size(); ++i) {
      if (of_path(from.revocation_lists_[i]) != wanted) continue;
      facts.push_back(from.revocation_lists_[i]);
      lists.add(from.lists_.all()[i]);
    }
  };
  take(*this, false);
  take(previous, true);
  revocation_lists_ = std::move(facts);
  lists_ = std::move(lists);
}

std::shared_ptr<const TrustStore> TrustStore::of(std::string name, const std::vector<X509*>& anchors, bool partial_chain,
                                                 revocation::Lists lists) {
  std::vector<tls::Ptr<X509>> shares;
  for (X509* anchor : anchors) shares.push_back(tls::share(anchor));
  const std::shared_ptr<TrustStore> made(new TrustStore(std::move(name)));
  made->partial_chain_ = partial_chain;
  made->trust(std::move(shares), true);
  made->lists_ = std::move(lists);
  return made;
}

bool TrustStore::contains(X509* certificate) const { return fingerprints_.contains(tls::fingerprint_sha256(certificate)); }

}  // namespace probes::chain
