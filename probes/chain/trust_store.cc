#include "probes/chain/trust_store.h"

#include <openssl/err.h>

#include <atomic>

#include "probes/chain/anchor_files.h"
#include "probes/tls/certificate_facts.h"

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

TrustStore::TrustStore(std::string name) : name_(std::move(name)), generation_(next_generation()), store_(X509_STORE_new()) {}

std::shared_ptr<const TrustStore> TrustStore::load(const config::TrustStore& settings) {
  AnchorFiles files, system;
  for (const std::string& pattern : settings.ca_files) read_anchors(pattern, files);
  if (settings.system) read_system_anchors(system);

  const std::shared_ptr<TrustStore> loaded(new TrustStore(settings.name));
  loaded->trust(std::move(files.anchors), true);
  loaded->trust(std::move(system.anchors), false);
  loaded->paths_ = std::move(files.paths);
  loaded->paths_.insert(loaded->paths_.end(), system.paths.begin(), system.paths.end());
  loaded->errors_ = std::move(files.errors);
  loaded->errors_.insert(loaded->errors_.end(), system.errors.begin(), system.errors.end());
  return loaded;
}

std::shared_ptr<const TrustStore> TrustStore::of(std::string name, const std::vector<X509*>& anchors) {
  std::vector<tls::Ptr<X509>> shares;
  for (X509* anchor : anchors) shares.push_back(tls::share(anchor));
  const std::shared_ptr<TrustStore> made(new TrustStore(std::move(name)));
  made->trust(std::move(shares), true);
  return made;
}

bool TrustStore::contains(X509* certificate) const { return fingerprints_.contains(tls::fingerprint_sha256(certificate)); }

}  // namespace probes::chain
