#include "probes/inventory/index_issuer.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <filesystem>
#include <memory>
#include <utility>
#include <variant>

#include "config/regular_file.h"
#include "probes/tls/certificate_facts.h"

namespace probes::inventory {

namespace {

constexpr std::size_t most_looked_for = 64;
constexpr std::size_t largest_certificate = 64u << 10;
// Where `openssl ca` (new_certs_dir) and easy-rsa keep a certificate by its serial, from the folder of the index.
constexpr std::array folders = {"newcerts", "certs_by_serial", "revoked/certs_by_serial", "renewed/certs_by_serial", "certs",
                                "."};

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

tls::Ptr<X509> certificate_in(const std::string& path) {
  const auto content = config::read_regular_file(path, largest_certificate);
  const auto* text = std::get_if<std::string>(&content);
  if (text == nullptr) return nullptr;
  const Bio bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())), BIO_free);
  return tls::Ptr<X509>(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

tls::Ptr<X509> certificate_of(const std::filesystem::path& folder, std::string_view serial) {
  for (const char* below : folders)
    for (const char* ending : {".pem", ".crt"})  // easy-rsa renames what it revokes
      if (auto found = certificate_in((folder / below / (std::string(serial) + ending)).string())) return found;
  return nullptr;
}

// Whether two keys are named and are not the same.
bool differ(const ASN1_OCTET_STRING* one, const ASN1_OCTET_STRING* other) {
  return one != nullptr && other != nullptr && ASN1_OCTET_STRING_cmp(one, other) != 0;
}

}  // namespace

bool IndexIssuer::same(X509* other) const {
  return X509_NAME_cmp(X509_get_issuer_name(certificate_.get()), X509_get_issuer_name(other)) == 0 &&
         !differ(X509_get0_authority_key_id(certificate_.get()), X509_get0_authority_key_id(other));
}

std::optional<IndexIssuer> IndexIssuer::beside(const std::string& path, std::span<const std::string_view> serials) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::optional<IndexIssuer> found;
  bool several = false;
  const std::size_t first = serials.size() > most_looked_for ? serials.size() - most_looked_for : 0;
  for (std::size_t i = serials.size(); i-- > first && !several;) {
    tls::Ptr<X509> certificate = certificate_of(folder, serials[i]);
    if (!certificate || (X509_get_extension_flags(certificate.get()) & EXFLAG_CA) != 0) continue;
    several = found && !found->same(certificate.get());
    if (!found) found = IndexIssuer(std::move(certificate));
  }
  ERR_clear_error();
  return several ? std::nullopt : std::move(found);
}

observations::CertificatePtr IndexIssuer::issued_certificate() const { return tls::remembered_facts(certificate_.get()); }

bool IndexIssuer::issued(const revocation::List& list) const {
  const ASN1_OCTET_STRING* key = list.key_identifier() == nullptr ? nullptr : list.key_identifier()->keyid;
  return X509_NAME_cmp(X509_get_issuer_name(certificate_.get()), list.issuer()) == 0 &&
         !differ(key, X509_get0_authority_key_id(certificate_.get()));
}

}  // namespace probes::inventory
