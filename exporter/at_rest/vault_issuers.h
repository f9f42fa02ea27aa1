// The CAs of a PKI engine of Vault, and the revocation lists that it publishes for them. A CA is fetched once, its lists at every
// refresh; what cannot be read now stays as it was read last. One thread; blocking.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "exporter/at_rest/vault_client.h"
#include "probes/observations/certificate.h"
#include "probes/observations/inventory.h"
#include "probes/revocation/lists.h"
#include "probes/tls/handles.h"

namespace exporter::vault {

using Troubles = std::vector<probes::observations::Trouble>;

// A certificate as an answer has it, or why it cannot be read.
struct KeptCertificate {
  probes::observations::CertificatePtr facts;                          // null: it cannot be read
  std::shared_ptr<const probes::observations::Trouble> why = nullptr;  // then
};

// The first certificate of `pem`, read as files are; `url` names it. `handle`, where it is given, is set to the certificate
// itself.
[[nodiscard]] KeptCertificate certificate_of(const std::string& pem, const std::string& url,
                                             probes::tls::Ptr<X509>* handle = nullptr);

class Issuers {
 public:
  // Which CAs there are.
  void read(Client& client, Troubles& troubles);
  // What they publish now. False: not all of it could be read.
  [[nodiscard]] bool read_lists(Client& client, Troubles& troubles);

  // Those that could be read; of the others why.
  [[nodiscard]] std::vector<probes::observations::CertificatePtr> certificates() const;
  [[nodiscard]] Troubles unreadable() const;

  [[nodiscard]] std::vector<probes::revocation::NamedList> lists() const;
  [[nodiscard]] std::vector<probes::observations::RevocationList> described() const;

 private:
  struct Issuer {
    KeptCertificate certificate;
    probes::tls::Ptr<X509> handle;
  };
  struct Published {
    std::vector<probes::revocation::NamedList> lists;
    std::vector<probes::observations::RevocationList> described;
  };

  std::optional<std::set<std::string>> paths(Client& client, Troubles& troubles);
  std::optional<Issuer> issuer_at(Client& client, const std::string& path, Troubles& troubles);
  bool read_list(Client& client, const std::string& path, bool delta, std::span<X509* const> issuers, Troubles& troubles);

  std::map<std::string, Issuer> issuers_;       // by the path of their certificate
  std::map<std::string, Published> published_;  // by the path of the list
};

}  // namespace exporter::vault
