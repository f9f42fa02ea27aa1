#include "probes/chain/rules/rule.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace probes::chain::rules {

namespace {

// An extension OpenSSL knows by name and yet cannot decode.
bool undecodable(X509_EXTENSION* extension) {
  const X509V3_EXT_METHOD* method = X509V3_EXT_get(extension);
  if (method == nullptr) return false;
  void* value = X509V3_EXT_d2i(extension);
  if (value == nullptr) return true;
  if (method->it != nullptr) ASN1_item_free(static_cast<ASN1_VALUE*>(value), ASN1_ITEM_ptr(method->it));
  else method->ext_free(value);
  return false;
}

}  // namespace

// RFC 5280 4.1.2.2: "The serial number MUST be a positive integer ... Conforming CAs MUST NOT use serialNumber values
// longer than 20 octets."
// A root's is left alone: famous ones have the number zero, and nothing looks a root up by it.
Remark bad_serial(const Examined& examined) {
  if (examined.facts.authority() && examined.facts.self_issued()) return {};
  const ASN1_INTEGER* serial = X509_get0_serialNumber(examined.certificate);
  const int size = ASN1_STRING_length(serial);
  const unsigned char* octets = ASN1_STRING_get0_data(serial);
  if (size <= 0) return {};  // unreadable_serial
  if ((ASN1_STRING_type(serial) & V_ASN1_NEG) != 0) return "negative";
  if (std::all_of(octets, octets + size, [](unsigned char octet) { return octet == 0; })) return "zero";
  // Kept as a magnitude: a high bit set takes one more octet in DER.
  if (size + (octets[0] >> 7) > 20) return std::to_string(size + (octets[0] >> 7)) + " octets";
  return {};
}

// BR 1.6.1: a validity period includes both its first and its last second.
Remark validity_too_long(const Examined& examined) {
  if (!is_leaf(examined) || !examined.options.maximum_validity_days) return {};
  const observations::Date from = examined.facts.not_before(), to = examined.facts.not_after();
  if (!from || !to) return {};
  const std::chrono::seconds validity = *to - *from + std::chrono::seconds(1);
  if (validity <= std::chrono::days(*examined.options.maximum_validity_days)) return {};
  return "valid for " + std::to_string(std::chrono::ceil<std::chrono::days>(validity).count()) + " days, " +
         std::to_string(*examined.options.maximum_validity_days) + " allowed";
}

Remark not_before_in_future(const Examined& examined) {
  const observations::Date from = examined.facts.not_before();
  if (!from || *from <= examined.options.at) return {};
  return "not valid yet";
}

namespace {

// As it stands in the certificate, where that is text.
std::string quoted(std::string_view what, const ASN1_TIME* time) {
  const std::string_view octets(reinterpret_cast<const char*>(ASN1_STRING_get0_data(time)),
                                static_cast<std::size_t>(ASN1_STRING_length(time)));
  const bool text = std::ranges::all_of(octets, [](char octet) { return octet >= ' ' && octet <= '~'; });
  constexpr std::size_t most = 64;
  return std::string(what) + (text && octets.size() <= most ? " \"" + std::string(octets) + "\"" : "") + " is no date";
}

}  // namespace

// RFC 5280 4.1.2.5: "CAs conforming to this profile MUST always encode certificate validity dates through the year 2049 as
// UTCTime; ... in 2050 or later MUST be encoded as GeneralizedTime."
Remark unreadable_date(const Examined& examined) {
  std::string text;
  if (!examined.facts.not_before()) text = quoted("notBefore", X509_get0_notBefore(examined.certificate));
  if (!examined.facts.not_after())
    text += (text.empty() ? "" : ", ") + quoted("notAfter", X509_get0_notAfter(examined.certificate));
  return text.empty() ? Remark() : text;
}

Remark unreadable_serial(const Examined& examined) {
  if (!examined.facts.serial().empty()) return {};
  return "a number without octets";
}

// RFC 5280 4.1.2.1: "When extensions are used, as expected in this profile, version MUST be 3".
Remark not_version_3(const Examined& examined) {
  if (examined.facts.version() == 3) return {};
  return "version " + std::to_string(examined.facts.version());
}

Remark malformed_extension(const Examined& examined) {
  for (int index = 0; index < X509_get_ext_count(examined.certificate); ++index) {
    X509_EXTENSION* extension = X509_get_ext(examined.certificate, index);
    if (undecodable(extension)) return std::string(OBJ_nid2ln(OBJ_obj2nid(X509_EXTENSION_get_object(extension))));
  }
  return {};
}

}  // namespace probes::chain::rules
