#include "tests/support/test_list.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>

namespace tests::support {

using probes::tls::Ptr;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "test_list: %s\n", what);
  std::abort();
}

ASN1_TIME* time_at(std::chrono::seconds from_now) { return X509_time_adj_ex(nullptr, 0, from_now.count(), nullptr); }

void add_number(X509_CRL* list, int nid, long value, bool critical) {
  ASN1_INTEGER* number = ASN1_INTEGER_new();
  ASN1_INTEGER_set(number, value);
  require(X509_CRL_add1_ext_i2d(list, nid, number, critical ? 1 : 0, 0) == 1, "number");
  ASN1_INTEGER_free(number);
}

void add_extension(X509_CRL* list, X509* issuer, const std::string& name, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, list, 0);
  X509V3_set_ctx_nodb(&context);
  X509_EXTENSION* extension = X509V3_EXT_nconf(nullptr, &context, name.c_str(), value.c_str());
  require(extension != nullptr && X509_CRL_add_ext(list, extension, -1) == 1, name.c_str());
  X509_EXTENSION_free(extension);
}

void add_reasons(X509_CRL* list, const std::vector<int>& bits) {
  ISSUING_DIST_POINT* scope = ISSUING_DIST_POINT_new();
  scope->onlysomereasons = ASN1_BIT_STRING_new();
  for (const int bit : bits) ASN1_BIT_STRING_set_bit(scope->onlysomereasons, bit, 1);
  require(X509_CRL_add1_ext_i2d(list, NID_issuing_distribution_point, scope, 1, 0) == 1, "reasons");
  ISSUING_DIST_POINT_free(scope);
}

void add_issuer(X509_REVOKED* entry, X509* issuer) {
  GENERAL_NAMES* names = sk_GENERAL_NAME_new_null();
  GENERAL_NAME* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, GEN_DIRNAME, X509_NAME_dup(X509_get_subject_name(issuer)));
  sk_GENERAL_NAME_push(names, name);
  require(X509_REVOKED_add1_ext_i2d(entry, NID_certificate_issuer, names, 1, 0) == 1, "certificate issuer");
  GENERAL_NAMES_free(names);
}

void add_entry(X509_CRL* list, const Revoked& wanted) {
  X509_REVOKED* entry = X509_REVOKED_new();
  ASN1_TIME* at = time_at(wanted.at);
  X509_REVOKED_set_revocationDate(entry, at);
  ASN1_TIME_free(at);
  ASN1_INTEGER* serial = ASN1_INTEGER_dup(X509_get0_serialNumber(wanted.certificate->certificate.get()));
  X509_REVOKED_set_serialNumber(entry, serial);
  ASN1_INTEGER_free(serial);
  if (wanted.reason >= 0) {
    ASN1_ENUMERATED* reason = ASN1_ENUMERATED_new();
    ASN1_ENUMERATED_set(reason, wanted.reason);
    require(X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0) == 1, "reason");
    ASN1_ENUMERATED_free(reason);
  }
  if (wanted.issuer != nullptr) add_issuer(entry, wanted.issuer->certificate.get());
  require(X509_CRL_add0_revoked(list, entry) == 1, "entry");
}

}  // namespace

std::string list_of(const Issued& issuer, const WantedList& wanted, const Issued* signer) {
  const Ptr<X509_CRL> list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate.get()));
  ASN1_TIME* time = time_at(wanted.starts);
  X509_CRL_set1_lastUpdate(list.get(), time);
  ASN1_TIME_free(time);
  if (wanted.ends) {
    time = time_at(*wanted.ends);
    X509_CRL_set1_nextUpdate(list.get(), time);
    ASN1_TIME_free(time);
  }
  for (const Revoked& one : wanted.revoked) add_entry(list.get(), one);
  if (wanted.number) add_number(list.get(), NID_crl_number, *wanted.number, false);
  if (wanted.base) add_number(list.get(), NID_delta_crl, *wanted.base, true);
  if (!wanted.some_reasons.empty()) add_reasons(list.get(), wanted.some_reasons);
  X509* named = signer == nullptr ? issuer.certificate.get() : signer->certificate.get();
  if (wanted.key_identifier) add_extension(list.get(), named, "authorityKeyIdentifier", "keyid:always");
  for (const auto& [name, value] : wanted.extensions) add_extension(list.get(), named, name, value);
  const EVP_MD* digest = wanted.digest.empty() ? nullptr : EVP_get_digestbyname(wanted.digest.c_str());
  require(X509_CRL_sign(list.get(), (signer == nullptr ? issuer : *signer).key.get(), digest) > 0, "signature");
  unsigned char* der = nullptr;
  const int size = i2d_X509_CRL(list.get(), &der);
  require(size > 0, "DER");
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

std::string pem_of_list(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const Ptr<X509_CRL> list(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  const Ptr<BIO> text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_CRL(text.get(), list.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace tests::support
