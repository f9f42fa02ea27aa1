// A named set of trust anchors, loaded from files once and immutable afterwards; shared between threads. A changed file
// makes a new TrustStore with a new generation. Missing or unreadable files are problems, never exceptions: what could
// be read is used.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "config/settings.h"
#include "probes/observations/certificate.h"
#include "probes/observations/inventory.h"
#include "probes/revocation/lists.h"
#include "probes/tls/handles.h"

namespace probes::chain {

class TrustStore {
 public:
  // Reads files of every format (anchor_files.h), directories and globs. Blocking file reads: never on a probe's thread.
  // `previous` (may be null): the revocation lists of a file that cannot be read now are those that it held there.
  [[nodiscard]] static std::shared_ptr<const TrustStore> load(const config::TrustStore& settings,
                                                              const TrustStore* previous = nullptr);

  // From certificates in memory (tests, --trust). Takes shares of them.
  [[nodiscard]] static std::shared_ptr<const TrustStore> of(std::string name, const std::vector<X509*>& anchors,
                                                            bool partial_chain = false, revocation::Lists lists = {});

  const std::string& name() const { return name_; }
  std::uint64_t generation() const { return generation_; }                                         // unique in the process
  X509_STORE* store() const { return store_.get(); }                                               // borrowed; treat as read-only
  const std::vector<tls::Ptr<X509>>& anchors() const { return anchors_; }                          // without the system store's
  const std::vector<observations::CertificatePtr>& certificates() const { return certificates_; }  // facts of anchors()
  const std::vector<std::string>& paths() const { return paths_; }  // the files read, after expanding globs
  // Files that could not be used, in part or whole: the anchors' and the revocation lists'.
  const std::vector<observations::Trouble>& errors() const { return errors_; }
  const std::vector<observations::RevocationList>& revocation_lists() const { return revocation_lists_; }  // facts of lists()
  const revocation::Lists& lists() const { return lists_; }
  bool contains(X509* certificate) const;  // by equality of the DER
  // Whether any certificate of the store ends a path, and not roots only.
  bool partial_chain() const { return partial_chain_; }

 private:
  explicit TrustStore(std::string name);
  void trust(std::vector<tls::Ptr<X509>> anchors, bool listed);
  void read_revocation_lists(const std::vector<std::string>& paths, const TrustStore* previous);
  void keep_lists_of(const std::string& path, const TrustStore& previous);

  std::string name_;
  std::uint64_t generation_ = 0;
  bool partial_chain_ = false;
  tls::Ptr<X509_STORE> store_;
  std::vector<tls::Ptr<X509>> anchors_;
  std::vector<observations::CertificatePtr> certificates_;
  std::vector<std::string> paths_;
  std::vector<observations::Trouble> errors_;
  std::vector<observations::RevocationList> revocation_lists_;
  revocation::Lists lists_;                       // in the same order
  std::unordered_set<std::string> fingerprints_;  // of every anchor, the system's included
};

using TrustStorePtr = std::shared_ptr<const TrustStore>;

}  // namespace probes::chain
