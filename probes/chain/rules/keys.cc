#include "probes/chain/rules/rule.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace probes::chain::rules {

Remark rsa_under_2048(const Examined& examined) {
  const auto& facts = examined.facts;
  if (!facts.key_type().starts_with("rsa") || facts.key_bits() == 0 || facts.key_bits() >= 2048) return {};
  return std::to_string(facts.key_bits()) + " bits";
}

// A root's signature over itself proves nothing, however it was made.
Remark sha1_or_md5_signature(const Examined& examined) {
  int digest = NID_undef;
  if (examined.facts.self_issued() || X509_get_signature_info(examined.certificate, &digest, nullptr, nullptr, nullptr) != 1)
    return {};
  static constexpr std::array weak = {NID_sha1, NID_md5, NID_md5_sha1, NID_md4, NID_md2, NID_mdc2};
  if (std::find(weak.begin(), weak.end(), digest) == weak.end()) return {};
  return std::string(examined.facts.signature_algorithm());
}

Remark unparsable_key(const Examined& examined) {
  if (X509_get0_pubkey(examined.certificate) != nullptr) return {};
  return "the public key cannot be read";
}

// RFC 8446 1.2: "Other cryptographic improvements were made, including ... the removal of ... DSA".
Remark dsa_key(const Examined& examined) {
  if (examined.facts.key_type() != "dsa") return {};
  return std::to_string(examined.facts.key_bits()) + " bits of DSA";
}

namespace {

// The INTEGER that `der` begins with, moved behind it; why it is none as DER has them, or empty.
std::string odd_integer(std::string_view& der) {
  const auto octet = [&](std::size_t at) { return static_cast<unsigned char>(der[at]); };
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* inside = at;
  long size = 0;
  int tag = 0, tag_class = 0;
  if (ASN1_get_object(&inside, &size, &tag, &tag_class, static_cast<long>(der.size())) != 0 || tag != V_ASN1_INTEGER || size <= 0)
    return "is no whole number";
  const auto header = static_cast<std::size_t>(inside - at), length = static_cast<std::size_t>(size);
  const bool negative = (octet(header) & 0x80) != 0;
  const bool longer = length > 1 && octet(header) == 0 && (octet(header + 1) & 0x80) == 0;
  der.remove_prefix(header + length);
  return negative ? "is negative" : longer ? "has zeros in front" : "";
}

}  // namespace

// RFC 3279 2.3.1: "The parameters field MUST have ASN.1 type NULL"; X.690 8.3.2: an INTEGER takes as few octets as it needs.
Remark malformed_rsa_key(const Examined& examined) {
  ASN1_OBJECT* kind = nullptr;
  X509_ALGOR* algorithm = nullptr;
  const unsigned char* key = nullptr;
  int size = 0;
  if (X509_PUBKEY_get0_param(&kind, &key, &size, &algorithm, X509_get_X509_PUBKEY(examined.certificate)) != 1 ||
      OBJ_obj2nid(kind) != NID_rsaEncryption)
    return {};
  int parameters = 0;
  X509_ALGOR_get0(nullptr, &parameters, nullptr, algorithm);
  if (parameters != V_ASN1_NULL) return parameters == V_ASN1_UNDEF ? "no parameters" : "parameters other than NULL";
  const unsigned char* inside = key;
  long length = 0;
  int tag = 0, tag_class = 0;
  if (ASN1_get_object(&inside, &length, &tag, &tag_class, size) != V_ASN1_CONSTRUCTED || tag != V_ASN1_SEQUENCE) return {};
  std::string_view numbers(reinterpret_cast<const char*>(inside), static_cast<std::size_t>(length));
  for (const char* const name : {"the modulus ", "the exponent "})
    if (const std::string odd = odd_integer(numbers); !odd.empty()) return name + odd;
  return {};
}

}  // namespace probes::chain::rules
