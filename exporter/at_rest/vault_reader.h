// What a PKI engine of Vault has issued, for at_rest.h. A certificate is fetched once: what stands under a serial number does not
// change. Which of them are revoked, and the lists that the engine publishes, are asked for at every refresh. What cannot be read
// now stays as it was read last. One thread; blocking.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "config/settings.h"
#include "exporter/at_rest/vault_client.h"
#include "exporter/at_rest/vault_issuers.h"
#include "exporter/materials/materials.h"
#include "probes/observations/certificate.h"
#include "probes/observations/inventory.h"
#include "probes/revocation/lists.h"

namespace exporter::vault {

struct Known {
  probes::observations::CertificatePtr certificate;
  bool revoked = false;
};

// As of a refresh.
struct Reading {
  std::vector<Known> certificates;
  // Every certificate that the engine lists is among them, and could be read.
  bool whole = false;
  // Its own CAs.
  std::vector<probes::observations::CertificatePtr> issuers;
  // Every certificate that it issues can be asked for: no role has `no_store`. False where that is not known.
  bool keeps_all = false;
  std::vector<std::string> revoked;  // serials, lower-case hexadecimal; some may be of certificates that are gone
  std::vector<probes::revocation::NamedList> lists;
  std::vector<probes::observations::RevocationList> revocation_lists;
  // `revoked` and `lists` are both of this refresh, so that one may be held against the other.
  bool comparable = false;
  Troubles troubles;
  bool refused = false;  // the token was: another one helps at once
};

class Reader {
 public:
  // `roles`: whether keeps_all is wanted, which takes a question for each role.
  Reader(config::VaultPki settings, bool roles, std::function<MaterialsPtr()> materials, Allowance allowance = {})
      : settings_(std::move(settings)), roles_(roles), materials_(std::move(materials)), allowance_(allowance) {}

  [[nodiscard]] Reading read(const std::stop_token& stopping);

 private:
  std::optional<std::vector<std::string>> listed(Client& client, const std::string& path);
  void read_certificates(Client& client);
  [[nodiscard]] bool take_certificate(const std::string& serial, const std::string& url, const Client::Answer& answer);
  bool read_revoked(Client& client);
  void look_again(Client& client);
  void read_roles(Client& client);
  Reading told() const;

  const config::VaultPki settings_;
  const bool roles_;
  const std::function<MaterialsPtr()> materials_;
  const Allowance allowance_;

  Issuers issuers_;
  std::map<std::string, KeptCertificate> known_;  // by serial as listed
  std::set<std::string> revoked_;                 // serial_of()
  std::string looked_again_;                      // the last serial of look_again()
  // Of the refresh.
  Troubles troubles_;
  bool whole_ = false, keeps_all_ = false, comparable_ = false;
};

}  // namespace exporter::vault
