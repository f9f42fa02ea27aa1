// Reads bytes as a file of the tests would be read.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <string>
#include <string_view>
#include <vector>

#include "probes/inventory/format.h"

namespace tests::inventory {

inline probes::tls::Secret secret(std::string_view text) {
  probes::tls::Secret made(text.size());
  std::copy(text.begin(), text.end(), made.data());
  return made;
}

inline probes::observations::Inventory read(std::string_view bytes, const std::vector<std::string>& passphrases = {},
                                            const std::string& path = "file") {
  std::vector<probes::tls::Secret> secrets;
  for (const std::string& passphrase : passphrases) secrets.push_back(secret(passphrase));
  probes::observations::Inventory found;
  probes::inventory::read_bytes(bytes, probes::inventory::Reading(path, secrets, found));
  return found;
}

// "alias:position CN", in order.
inline std::vector<std::string> names(const probes::observations::Inventory& found) {
  std::vector<std::string> all;
  for (const auto& one : found.certificates)
    all.push_back(std::string(one.place.alias())
                      .append(":" + std::to_string(one.position) + " ")
                      .append(one.certificate->subject_common_name()));
  return all;
}

inline std::vector<std::string> reasons(const probes::observations::Inventory& found) {
  std::vector<std::string> all;
  for (const auto& one : found.troubles) all.emplace_back(word(one.reason));
  return all;
}

// Every text that is kept of a file.
inline std::string everything_in(const probes::observations::Inventory& found) {
  std::string all;
  const auto add = [&](std::string_view text) { all.append(text).append("\n"); };
  for (const auto& one : found.certificates) {
    const auto& facts = *one.certificate;
    for (const std::string_view text : {one.place.text(), one.place.alias(), facts.subject(), facts.issuer(), facts.serial()})
      add(text);
    for (const auto& name : facts.subject_alternative_names()) add(name.value);
  }
  for (const auto& list : found.revocation_lists) add(list.path + list.issuer + list.number);
  for (const auto& trouble : found.troubles) add(trouble.path + trouble.detail);
  return all;
}

// Pieces of an EC key by which one recognises it, however it is written.
inline std::vector<std::string> pieces_of(EVP_PKEY* key, const std::string& pem, const std::string& base64_of_pem) {
  BIGNUM* secret = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret);
  std::string octets(static_cast<std::size_t>(BN_num_bytes(secret)), '\0');
  BN_bn2bin(secret, reinterpret_cast<unsigned char*>(octets.data()));
  BN_free(secret);
  std::vector<std::string> pieces = {octets.substr(0, 12)};
  std::string lower, upper;
  for (const char octet : octets.substr(0, 12)) {
    const auto byte = static_cast<unsigned char>(octet);
    lower.append({"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]});
    upper.append({"0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]});
  }
  pieces.push_back(lower), pieces.push_back(upper);
  constexpr std::size_t length = 16;
  const std::string_view body = std::string_view(pem).substr(pem.find('\n') + 1);
  for (const std::string_view text : {body.substr(0, body.find("-----")), std::string_view(base64_of_pem)})
    for (std::size_t at = 0; at + length <= text.size(); ++at) pieces.emplace_back(text.substr(at, length));
  return pieces;
}

}  // namespace tests::inventory
