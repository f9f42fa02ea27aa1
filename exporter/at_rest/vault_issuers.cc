#include "exporter/at_rest/vault_issuers.h"

#include <openssl/x509.h>

#include <utility>

#include "exporter/at_rest/vault_answers.h"
#include "probes/inventory/format.h"

namespace exporter::vault {

using probes::observations::CertificatePtr;
using probes::observations::Inventory;
using probes::observations::RevocationList;
using probes::observations::SourceReason;
using probes::observations::Trouble;

namespace {

using Answered = probes::net::Fetched;

constexpr std::size_t longest_crl = 256u << 20;  // as trust stores read them
constexpr std::size_t most_issuers = 100;

// Before Vault 1.11 an engine has one issuer, and no list of them.
const std::string own_ca = "cert/ca";

}  // namespace

KeptCertificate certificate_of(const std::string& pem, const std::string& url, probes::tls::Ptr<X509>* handle) {
  Inventory found;
  std::vector<probes::tls::Ptr<X509>> handles;
  probes::inventory::read_bytes(pem, probes::inventory::Reading(url, {}, found).without_files().with_handles(handles));
  if (!found.certificates.empty() && !handles.empty()) {
    if (handle != nullptr) *handle = std::move(handles.front());
    return {.facts = found.certificates.front().certificate};
  }
  const Trouble none{SourceReason::bad_pem, url, "no certificate in the answer"};
  return {.facts = nullptr, .why = std::make_shared<const Trouble>(found.troubles.empty() ? none : found.troubles.front())};
}

// Of their certificates. Nothing where it could not be read: what is known of them stays.
std::optional<std::set<std::string>> Issuers::paths(Client& client, Troubles& troubles) {
  const Client::Answer answer = client.ask(list_of("issuers"));
  if (const auto* wrong = std::get_if<Trouble>(&answer)) return troubles.push_back(*wrong), std::nullopt;
  const auto& [status, headers, body] = std::get<Answered>(answer);
  if (is_nothing(status, body)) return std::set<std::string>();  // nobody has made or imported one yet
  if (is_unsupported(status, body)) return std::set{own_ca};
  if (status != 200) return std::nullopt;  // `certs` fares no better, and says so
  const auto ids = keys_in(body);
  if (!ids)
    return troubles.push_back({SourceReason::bad_syntax, client.url_of("issuers"), "the answer is no list of keys"}),
           std::nullopt;
  std::set<std::string> found;
  for (const std::string& id : *ids)
    if (found.size() < most_issuers) found.insert("issuer/" + id + "/json");
  return found;
}

std::optional<Issuers::Issuer> Issuers::issuer_at(Client& client, const std::string& path, Troubles& troubles) {
  if (!client.goes_on()) return std::nullopt;
  const Client::Answer told = client.ask({.path = path});
  if (const auto* wrong = std::get_if<Trouble>(&told)) return troubles.push_back(*wrong), std::nullopt;
  const auto certificate = certificate_in(std::get<Answered>(told).body);
  if (!certificate || certificate->pem.empty()) return std::nullopt;
  Issuer issuer;
  issuer.certificate = certificate_of(certificate->pem, client.url_of(path), &issuer.handle);
  return issuer;
}

void Issuers::read(Client& client, Troubles& troubles) {
  if (!client.goes_on()) return;
  const auto now = paths(client, troubles);
  if (!now) return;
  std::erase_if(issuers_, [&](const auto& entry) { return !now->contains(entry.first); });
  for (const std::string& path : *now)
    if (path == own_ca || !issuers_.contains(path))  // which one is its own may change
      if (auto issuer = issuer_at(client, path, troubles)) issuers_[path] = std::move(*issuer);
}

// A delta need not be there.
bool Issuers::read_list(Client& client, const std::string& path, bool delta, std::span<X509* const> issuers, Troubles& troubles) {
  if (!client.goes_on()) return false;
  const Client::Answer answer = client.ask({.path = path, .limit = longest_crl});
  if (const auto* wrong = std::get_if<Trouble>(&answer)) return troubles.push_back(*wrong), false;
  const auto& [status, headers, body] = std::get<Answered>(answer);
  if (status != 200 || body.empty()) {
    const bool none = delta || status == 204;  // the engine has none
    if (none) published_.erase(path);
    return none;
  }
  Published read;
  Inventory found;
  const std::string url = client.url_of(path);
  probes::inventory::read_bytes(
      body, probes::inventory::Reading(url, {}, found).without_files().with_issuers(issuers).with_lists(read.lists));
  if (found.revocation_lists.empty() && found.troubles.empty())
    found.troubles.push_back({SourceReason::bad_crl, url, "no revocation list in the answer"});
  troubles.insert(troubles.end(), found.troubles.begin(), found.troubles.end());
  if (!found.troubles.empty()) return false;
  for (const RevocationList& list : found.revocation_lists) {
    if (list.genuine != false) continue;
    troubles.push_back({SourceReason::bad_crl, url, "not signed by " + list.issuer});
    read.lists.clear();  // it is shown, and nothing is held against it
  }
  read.described = std::move(found.revocation_lists);
  published_[path] = std::move(read);
  return true;
}

// Of each issuer the list and what has changed since. Issuers with one name and key share theirs.
bool Issuers::read_lists(Client& client, Troubles& troubles) {
  std::vector<X509*> handles;
  for (const auto& [path, issuer] : issuers_)
    if (issuer.handle) handles.push_back(issuer.handle.get());
  std::set<std::string> wanted;
  bool good = !issuers_.empty();
  for (const auto& [path, issuer] : issuers_) {
    const std::string base = path == own_ca ? "crl" : path.substr(0, path.rfind('/')) + "/crl";
    wanted.insert({base + "/pem", base + "/delta/pem"});
    good = read_list(client, base + "/pem", false, handles, troubles) && good;
    if (path != own_ca) good = read_list(client, base + "/delta/pem", true, handles, troubles) && good;
  }
  std::erase_if(published_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  return good;
}

std::vector<CertificatePtr> Issuers::certificates() const {
  std::vector<CertificatePtr> found;
  for (const auto& [path, issuer] : issuers_)
    if (issuer.certificate.facts) found.push_back(issuer.certificate.facts);
  return found;
}

Troubles Issuers::unreadable() const {
  Troubles found;
  for (const auto& [path, issuer] : issuers_)
    if (issuer.certificate.why) found.push_back(*issuer.certificate.why);
  return found;
}

std::vector<probes::revocation::NamedList> Issuers::lists() const {
  std::vector<probes::revocation::NamedList> found;
  for (const auto& [path, list] : published_) found.insert(found.end(), list.lists.begin(), list.lists.end());
  return found;
}

std::vector<RevocationList> Issuers::described() const {
  std::vector<RevocationList> found;
  for (const auto& [path, list] : published_) found.insert(found.end(), list.described.begin(), list.described.end());
  return found;
}

}  // namespace exporter::vault
