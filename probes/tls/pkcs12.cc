#include "probes/tls/pkcs12.h"

#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>

#include <algorithm>
#include <array>
#include <memory>

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

namespace {

constexpr int deepest_bag = 8;  // safeContentsBags within each other

using Bags = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), void (*)(STACK_OF(PKCS12_SAFEBAG)*)>;
using Safes = std::unique_ptr<STACK_OF(PKCS7), void (*)(STACK_OF(PKCS7)*)>;

void release(STACK_OF(PKCS12_SAFEBAG) * bags) { sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free); }
void release(STACK_OF(PKCS7) * safes) { sk_PKCS7_pop_free(safes, PKCS7_free); }

Ptr<X509> certificate_of(const PKCS12_SAFEBAG* bag) {
  Ptr<X509> certificate(PKCS12_SAFEBAG_get1_cert(bag));
  char* name = certificate ? PKCS12_get_friendlyname(const_cast<PKCS12_SAFEBAG*>(bag)) : nullptr;
  if (name != nullptr) X509_alias_set1(certificate.get(), reinterpret_cast<unsigned char*>(name), -1);
  OPENSSL_free(name);
  return certificate;
}

// False where a key does not open. The first key counts, as it does for PKCS12_parse().
bool take(const STACK_OF(PKCS12_SAFEBAG) * bags, const char* passphrase, Pkcs12Contents& contents, int depth) {
  bool opened = true;
  for (int index = 0; index < sk_PKCS12_SAFEBAG_num(bags) && opened && depth < deepest_bag; ++index) {
    const PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_value(bags, index);
    const int kind = PKCS12_SAFEBAG_get_nid(bag);
    if (kind == NID_safeContentsBag) opened = take(PKCS12_SAFEBAG_get0_safes(bag), passphrase, contents, depth + 1);
    if (kind == NID_certBag)
      if (Ptr<X509> certificate = certificate_of(bag)) contents.others.push_back(std::move(certificate));
    if (contents.key || (kind != NID_keyBag && kind != NID_pkcs8ShroudedKeyBag)) continue;
    PKCS8_PRIV_KEY_INFO* shrouded =
        kind == NID_keyBag ? nullptr : PKCS12_decrypt_skey_ex(bag, passphrase, -1, context_with_legacy_ciphers(), nullptr);
    opened = kind == NID_keyBag || shrouded != nullptr;
    if (opened) contents.key.reset(EVP_PKCS82PKEY(kind == NID_keyBag ? PKCS12_SAFEBAG_get0_p8inf(bag) : shrouded));
    PKCS8_PRIV_KEY_INFO_free(shrouded);
  }
  return opened;
}

// Without a MAC nothing tells whether a passphrase is right but that what it deciphers makes sense.
bool open_without_mac(const PKCS12* file, const char* passphrase, Pkcs12Contents& contents) {
  const Safes safes(PKCS12_unpack_authsafes(file), release);
  if (!safes) return false;
  Pkcs12Contents opened;
  for (int index = 0; index < sk_PKCS7_num(safes.get()); ++index) {
    PKCS7* safe = sk_PKCS7_value(safes.get(), index);
    if (!PKCS7_type_is_data(safe) && !PKCS7_type_is_encrypted(safe)) continue;
    const Bags bags(PKCS7_type_is_data(safe) ? PKCS12_unpack_p7data(safe) : PKCS12_unpack_p7encdata(safe, passphrase, -1),
                    release);
    if (!bags || !take(bags.get(), passphrase, opened, 0)) return false;
  }
  const auto leaf = std::ranges::find_if(opened.others, [&](const Ptr<X509>& one) {
    return opened.key && X509_check_private_key(one.get(), opened.key.get()) == 1;
  });
  if (leaf != opened.others.end()) {
    opened.leaf = std::move(*leaf);
    opened.others.erase(leaf);
  }
  contents = std::move(opened);
  return true;
}

}  // namespace

// RFC 9579, which OpenSSL reads from 3.4 on.
bool has_unknown_mac(const PKCS12* file) {
  constexpr unsigned long first_with_pbmac1 = 0x30400000;
  const X509_ALGOR* algorithm = nullptr;
  PKCS12_get0_mac(nullptr, &algorithm, nullptr, nullptr, file);
  std::array<char, 32> name{};
  if (algorithm != nullptr) OBJ_obj2txt(name.data(), static_cast<int>(name.size()), algorithm->algorithm, 1);
  return std::string_view(name.data()) == "1.2.840.113549.1.5.14" && OpenSSL_version_num() < first_with_pbmac1;
}

// PKCS12_parse() knows the two ways of having no passphrase, null and empty, and finds the certificate that fits the key; with a
// passphrase it insists on a MAC.
bool open_pkcs12(PKCS12* file, std::string_view passphrase, Pkcs12Contents& contents) {
  Secret terminated(passphrase.size() + 1);
  std::copy(passphrase.begin(), passphrase.end(), terminated.data());
  if (!passphrase.empty() && PKCS12_mac_present(file) == 0) return open_without_mac(file, terminated.data(), contents);
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
