#include "probes/chain/rules/rule.h"

#include <openssl/objects.h>

#include <algorithm>
#include <array>

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

}  // namespace probes::chain::rules
