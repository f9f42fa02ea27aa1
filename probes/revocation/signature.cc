#include "probes/revocation/signature.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>

namespace probes::revocation {

namespace {

// An issuer has a key or two: more are somebody's attempt to fill the memory.
constexpr std::size_t most_keys = 64;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

using Algorithm = std::unique_ptr<X509_ALGOR, decltype(&X509_ALGOR_free)>;

Algorithm algorithm_of(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  return {d2i_X509_ALGOR(nullptr, &at, static_cast<long>(der.size())), X509_ALGOR_free};
}

int nid_of(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  return OBJ_obj2nid(object);
}

std::string der_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  std::string text;
  if (size > 0) text.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

}  // namespace

SignedPart::SignedPart(std::string_view part, std::string_view inner_algorithm, std::string_view outer_algorithm,
                       std::string_view bits) {
  // RFC 5280 5.1.1.2: the two must be the same. A signature of a number of bits that is no number of octets is none.
  const Algorithm inner = algorithm_of(inner_algorithm), outer = algorithm_of(outer_algorithm);
  if (!inner || !outer || X509_ALGOR_cmp(inner.get(), outer.get()) != 0 || bits.empty() || bits[0] != '\0') return;
  algorithm_ = outer_algorithm;
  signature_ = bits.substr(1);
  if (OBJ_find_sigid_algs(nid_of(outer.get()), &digest_nid_, &key_nid_) != 1) digest_nid_ = 0;
  const EVP_MD* method = digest_nid_ == 0 ? nullptr : EVP_get_digestbynid(digest_nid_);
  const bool plain = key_nid_ == NID_rsaEncryption || key_nid_ == NID_X9_62_id_ecPublicKey || key_nid_ == NID_dsa;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (plain && method != nullptr && EVP_Digest(part.data(), part.size(), digest.data(), &size, method, nullptr) == 1)
    digest_.assign(reinterpret_cast<const char*>(digest.data()), size);
  else part_ = part;
}

bool SignedPart::by(EVP_PKEY* key) const {
  if (key == nullptr || algorithm_.empty()) return false;
  std::string name = der_of(key);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto known = keys_.find(name); known != keys_.end()) return known->second;
  }
  const bool holds = verify(key);  // without the lock, which lanes share
  ERR_clear_error();
  const std::scoped_lock lock(mutex_);
  if (keys_.size() < most_keys) keys_.emplace(std::move(name), holds);
  return holds;
}

bool SignedPart::verify(EVP_PKEY* key) const { return digest_.empty() ? verify_part(key) : verify_digest(key); }

bool SignedPart::verify_digest(EVP_PKEY* key) const {
  if (EVP_PKEY_is_a(key, key_nid_ == NID_rsaEncryption ? "RSA" : key_nid_ == NID_dsa ? "DSA" : "EC") != 1) return false;
  const tls::Ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) return false;
  if (key_nid_ == NID_rsaEncryption && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1) return false;
  if (EVP_PKEY_CTX_set_signature_md(context.get(), EVP_get_digestbynid(digest_nid_)) != 1) return false;
  return EVP_PKEY_verify(context.get(), bytes_of(signature_), signature_.size(), bytes_of(digest_), digest_.size()) == 1;
}

// OpenSSL's own verification of an ASN.1 item, handed the item as it came: a SEQUENCE is kept with its header.
bool SignedPart::verify_part(EVP_PKEY* key) const {
  const Algorithm algorithm = algorithm_of(algorithm_);
  using String = std::unique_ptr<ASN1_STRING, decltype(&ASN1_STRING_free)>;
  const String part(ASN1_STRING_type_new(V_ASN1_SEQUENCE), ASN1_STRING_free);
  const String signature(ASN1_STRING_type_new(V_ASN1_BIT_STRING), ASN1_STRING_free);
  if (!algorithm || ASN1_STRING_set(part.get(), part_.data(), static_cast<int>(part_.size())) != 1 ||
      ASN1_STRING_set(signature.get(), signature_.data(), static_cast<int>(signature_.size())) != 1)
    return false;
  return ASN1_item_verify(ASN1_ITEM_rptr(ASN1_SEQUENCE), algorithm.get(), signature.get(), part.get(), key) == 1;
}

}  // namespace probes::revocation
