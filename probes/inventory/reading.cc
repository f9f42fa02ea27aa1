#include "probes/inventory/reading.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "probes/tls/certificate_facts.h"

namespace probes::inventory {

using observations::SourceReason;

Reading Reading::inside(std::string alias) const {
  Reading piece = *this;
  piece.alias_ = std::move(alias);
  ++piece.nesting_;
  return piece;
}

Reading Reading::with_issuers(std::span<X509* const> issuers) const {
  Reading informed = *this;
  informed.issuers_ = issuers;
  return informed;
}

Reading Reading::telling(const std::function<void(const std::string& path)>& refers) const {
  Reading telling = *this;
  telling.refers_ = &refers;
  return telling;
}

const std::string Reading::no_root;

Reading Reading::below(const std::string& root) const {
  Reading below = *this;
  below.root_ = &root;
  return below;
}

void Reading::refers_to(const std::string& path) const {
  if (refers_ != nullptr) (*refers_)(path);
}

Reading Reading::with_handles(std::vector<tls::Ptr<X509>>& handles) const {
  Reading keeping = *this;
  keeping.handles_ = &handles;
  return keeping;
}

std::size_t Reading::taken() const { return found_.certificates.size() + found_.revocation_lists.size(); }

bool Reading::full() {
  const std::size_t taken = this->taken();
  if (taken == most_entries) trouble(SourceReason::too_large, "more than " + std::to_string(most_entries) + " entries");
  return taken >= most_entries;
}

bool Reading::admits(std::size_t size) {
  if (size > largest_certificate)
    trouble(SourceReason::too_large, "a certificate of " + std::to_string(size) + " bytes, and at most " +
                                         std::to_string(largest_certificate) + " are read");
  return size <= largest_certificate;
}

void Reading::certificate(X509* certificate, std::string_view alias) {
  if (full() || !admits(static_cast<std::size_t>(std::max(i2d_X509(certificate, nullptr), 0)))) return;
  const std::string name = alias.empty() ? alias_ : alias_.empty() ? std::string(alias) : alias_ + "/" + std::string(alias);
  const bool continues = !found_.certificates.empty() && found_.certificates.back().place.alias() == name;
  observations::StoredCertificate stored{.certificate = tls::remembered_facts(certificate)};
  stored.place = continues ? found_.certificates.back().place : observations::Location(path_, name);
  stored.position = continues ? found_.certificates.back().position + 1 : 0;
  found_.certificates.push_back(std::move(stored));
  if (handles_ != nullptr) handles_->push_back(tls::share(certificate));
}

namespace {

// RFC 5280 5.2.3 allows 20 octets; some CAs count on. What is beyond a double (1.8e308) is no number for a gauge.
constexpr int most_number_octets = 127;

std::string number_of(X509_CRL* list) {
  auto* number = static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list, NID_crl_number, nullptr, nullptr));
  if (number == nullptr) return {};
  std::string text;
  if (ASN1_STRING_length(number) <= most_number_octets) {
    BIGNUM* value = ASN1_INTEGER_to_BN(number, nullptr);
    char* decimal = value == nullptr ? nullptr : BN_bn2dec(value);
    if (decimal != nullptr) text = decimal;
    OPENSSL_free(decimal);
    BN_free(value);
  }
  ASN1_INTEGER_free(number);
  return text;
}

// Absent: none of `issuers` bears the name of its issuer.
std::optional<bool> signed_by_one_of(X509_CRL* list, std::span<X509* const> issuers) {
  std::optional<bool> genuine;
  for (X509* issuer : issuers) {
    if (X509_NAME_cmp(X509_get_subject_name(issuer), X509_CRL_get_issuer(list)) != 0) continue;
    EVP_PKEY* key = X509_get0_pubkey(issuer);
    genuine = genuine.value_or(false) || (key != nullptr && X509_CRL_verify(list, key) == 1);
  }
  ERR_clear_error();
  return genuine;
}

}  // namespace

void Reading::revocation_list(X509_CRL* list) {
  if (full()) return;
  const observations::Date made = tls::date_of(X509_CRL_get0_lastUpdate(list));
  const ASN1_TIME* due = X509_CRL_get0_nextUpdate(list);
  const observations::Date next = due != nullptr ? tls::date_of(due) : made;
  // A list of which nobody can tell whether it still holds is none, and would pass for one without an end.
  if (!made || !next) return trouble(SourceReason::bad_crl, std::string(made ? "nextUpdate" : "thisUpdate") + " is no date");
  observations::RevocationList read{
      .path = path_,
      .issuer = tls::name_text(X509_CRL_get_issuer(list)),
      .number = number_of(list),
      .this_update = *made,
      .next_update = {},
      .revoked = static_cast<std::uint64_t>(std::max(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(list)), 0)),
      .genuine = signed_by_one_of(list, issuers_)};
  if (due != nullptr) read.next_update = *next;
  found_.revocation_lists.push_back(std::move(read));
}

void Reading::trouble(SourceReason reason, std::string detail) {
  if (!alias_.empty()) detail = alias_ + ": " + detail;
  // One of a kind for each file: a thousand broken blocks are one broken file.
  const bool known = std::ranges::any_of(
      found_.troubles, [&](const observations::Trouble& one) { return one.reason == reason && one.path == path_; });
  if (!known) found_.troubles.push_back({reason, path_, std::move(detail)});
}

bool decode_base64(std::string_view text, std::string& out) {
  std::string packed;
  packed.reserve(text.size());
  for (const char letter : text)
    if (letter != ' ' && letter != '\n' && letter != '\r' && letter != '\t') packed.push_back(letter);
  // OpenSSL counts the padding as zero bytes.
  const auto padding = static_cast<std::size_t>(packed.ends_with("==") ? 2 : packed.ends_with("=") ? 1 : 0);
  out.assign(packed.size() / 4 * 3 + 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(packed.data()), static_cast<int>(packed.size()));
  OPENSSL_cleanse(packed.data(), packed.size());  // it may be a key
  if (size < 0 || packed.size() % 4 != 0) return false;
  out.resize(static_cast<std::size_t>(size) - std::min(padding, static_cast<std::size_t>(size)));
  return true;
}

}  // namespace probes::inventory
