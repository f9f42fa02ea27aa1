#include "probes/tls/pkcs12.h"

#include <openssl/pkcs12.h>

#include <algorithm>

#include "probes/tls/identity_source.h"

namespace probes::tls {

namespace {

// Moves an object out of the context with the legacy ciphers, into the default one.
Ptr<EVP_PKEY> in_default_context(const EVP_PKEY* key) {
  PKCS8_PRIV_KEY_INFO* plain = EVP_PKEY2PKCS8(key);
  Ptr<EVP_PKEY> moved(plain ? EVP_PKCS82PKEY(plain) : nullptr);
  PKCS8_PRIV_KEY_INFO_free(plain);
  return moved;
}

Ptr<X509> in_default_context(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  const unsigned char* data = der;
  Ptr<X509> moved(size > 0 ? d2i_X509(nullptr, &data, size) : nullptr);
  OPENSSL_free(der);
  int length = 0;  // of the friendlyName
  if (const unsigned char* alias = X509_alias_get0(certificate, &length); moved && alias != nullptr)
    X509_alias_set1(moved.get(), alias, length);
  return moved;
}

}  // namespace

Ptr<PKCS12> parse_pkcs12(std::string_view der) {
  PKCS12* file = PKCS12_init_ex(NID_pkcs7_data, context_with_legacy_ciphers(), nullptr);
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  if (file && !d2i_PKCS12(&file, &data, static_cast<long>(der.size()))) file = nullptr;  // d2i has released it
  return Ptr<PKCS12>(file);
}

// PKCS12_parse() knows the two ways of having no passphrase, null and empty, and finds the certificate that fits the key.
bool open_pkcs12(PKCS12* file, std::string_view passphrase, Pkcs12Contents& contents) {
  Secret terminated(passphrase.size() + 1);
  std::copy(passphrase.begin(), passphrase.end(), terminated.data());
  EVP_PKEY* key = nullptr;
  X509* leaf = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (PKCS12_parse(file, terminated.data(), &key, &leaf, &others) != 1) return false;
  if (key) contents.key = in_default_context(key);
  if (leaf) contents.leaf = in_default_context(leaf);
  for (int index = 0; index < sk_X509_num(others); ++index)
    if (Ptr<X509> moved = in_default_context(sk_X509_value(others, index))) contents.others.push_back(std::move(moved));
  EVP_PKEY_free(key);
  X509_free(leaf);
  sk_X509_pop_free(others, X509_free);
  return true;
}

}  // namespace probes::tls
