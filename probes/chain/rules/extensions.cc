#include "probes/chain/rules/rule.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace probes::chain::rules {

namespace {

std::string_view value_of(X509_EXTENSION* extension) {
  const ASN1_OCTET_STRING* octets = X509_EXTENSION_get_data(extension);
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(octets)), static_cast<std::size_t>(ASN1_STRING_length(octets))};
}

int kind_of(X509_EXTENSION* extension) { return OBJ_obj2nid(X509_EXTENSION_get_object(extension)); }

std::string name_of(X509_EXTENSION* extension) {
  std::array<char, 80> name{};
  OBJ_obj2txt(name.data(), static_cast<int>(name.size()), X509_EXTENSION_get_object(extension), 0);
  return name.data();
}

// The first extension of which `odd` says so.
template <typename Odd>
Remark first(const Examined& examined, Odd odd, const std::string& what) {
  for (int index = 0; index < X509_get_ext_count(examined.certificate); ++index) {
    X509_EXTENSION* extension = X509_get_ext(examined.certificate, index);
    if (odd(extension)) return name_of(extension) + what;
  }
  return {};
}

// A BIT STRING whose bits are all zero.
bool no_bits(std::string_view der) {
  return der.size() >= 3 && der[0] == '\x03' && std::ranges::all_of(der.substr(3), [](char octet) { return octet == '\0'; });
}

}  // namespace

// RFC 5280 4.2.1: each of these is a SEQUENCE SIZE (1..MAX), or has a member that MUST be there; 4.2.1.3: "at least one of the
// bits MUST be set to 1". Empty basic constraints are CA:FALSE, and what is empty in other ways has findings of its own.
Remark empty_extension(const Examined& examined) {
  static constexpr std::array may_be_empty = {NID_basic_constraints, NID_name_constraints, NID_authority_key_identifier};
  return first(
      examined,
      [](X509_EXTENSION* extension) {
        const std::string_view value = value_of(extension);
        if (kind_of(extension) == NID_key_usage) return no_bits(value);
        const bool may = std::ranges::find(may_be_empty, kind_of(extension)) != may_be_empty.end();
        return value.empty() || (!may && value == std::string_view("\x30\x00", 2));
      },
      " holds nothing");
}

// RFC 5280: 4.2.1.11, 4.2.1.14 "MUST mark this extension as critical"; 4.2.1.1, 4.2.1.2, 4.2.1.8, 4.2.1.15, 4.2.2.1, 4.2.2.2 "as
// non-critical".
Remark wrong_criticality(const Examined& examined) {
  static constexpr std::array<std::pair<int, bool>, 8> demanded = {{{NID_policy_constraints, true},
                                                                    {NID_inhibit_any_policy, true},
                                                                    {NID_authority_key_identifier, false},
                                                                    {NID_subject_key_identifier, false},
                                                                    {NID_subject_directory_attributes, false},
                                                                    {NID_freshest_crl, false},
                                                                    {NID_info_access, false},
                                                                    {NID_sinfo_access, false}}};
  for (const auto& [kind, critical_demanded] : demanded)
    if (has_extension(examined, kind) && critical(examined, kind) != critical_demanded)
      return std::string(OBJ_nid2ln(kind)) + (critical_demanded ? " is not critical" : " is critical");
  return {};
}

// RFC 5280 4.2.1.9: "CAs MUST NOT include the pathLenConstraint field unless the cA boolean is asserted".
Remark path_length_without_ca(const Examined& examined) {
  auto* constraints =
      static_cast<BASIC_CONSTRAINTS*>(X509_get_ext_d2i(examined.certificate, NID_basic_constraints, nullptr, nullptr));
  const bool odd = constraints != nullptr && constraints->ca == 0 && constraints->pathlen != nullptr;
  BASIC_CONSTRAINTS_free(constraints);
  if (!odd) return {};
  return "a path length without CA:TRUE";
}

// RFC 5280 4.2.1.1: "authorityCertIssuer and authorityCertSerialNumber MUST both be present or both be absent" (A.2).
Remark half_authority_key_identifier(const Examined& examined) {
  auto* identifier =
      static_cast<AUTHORITY_KEYID*>(X509_get_ext_d2i(examined.certificate, NID_authority_key_identifier, nullptr, nullptr));
  const bool odd = identifier != nullptr && (identifier->issuer == nullptr) != (identifier->serial == nullptr);
  const bool serial = odd && identifier->serial != nullptr;
  AUTHORITY_KEYID_free(identifier);
  if (!odd) return {};
  return serial ? "a serial number without its issuer" : "an issuer without its serial number";
}

// RFC 5280 4.2.1.4: "A certificate policy OID MUST NOT appear more than once in a certificate policies extension."
Remark duplicate_policy(const Examined& examined) {
  std::set<std::string_view> seen;
  for (const std::string_view policy : examined.facts.policies())
    if (!seen.insert(policy).second) return std::string(policy);
  return {};
}

// RFC 6962 3.3: an OCTET STRING that holds a list, and each of its entries, with a length of two octets in front.
Remark malformed_sct_list(const Examined& examined) {
  const int at = X509_get_ext_by_NID(examined.certificate, NID_ct_precert_scts, -1);
  if (at < 0) return {};
  const std::string_view der = value_of(X509_get_ext(examined.certificate, at));
  const auto* octets = reinterpret_cast<const unsigned char*>(der.data());
  ASN1_OCTET_STRING* inner = d2i_ASN1_OCTET_STRING(nullptr, &octets, static_cast<long>(der.size()));
  const bool whole = inner != nullptr && octets == reinterpret_cast<const unsigned char*>(der.data()) + der.size();
  std::string list;
  if (inner != nullptr)
    list.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(inner)), static_cast<std::size_t>(ASN1_STRING_length(inner)));
  ASN1_OCTET_STRING_free(inner);
  const auto length = [](std::string_view text) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[0]) << 8 | static_cast<unsigned char>(text[1]));
  };
  if (!whole || list.size() < 2 || length(list) != list.size() - 2) return "its length is not that of what it holds";
  std::string_view entries = std::string_view(list).substr(2);
  if (entries.empty()) return "an empty list";
  while (!entries.empty()) {
    if (entries.size() < 2 || entries.size() - 2 < length(entries)) return "an entry is cut short";
    entries.remove_prefix(2 + length(entries));
  }
  return {};
}

}  // namespace probes::chain::rules
