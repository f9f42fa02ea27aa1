#include "probes/chain/certificate_findings.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace probes::chain {

using observations::Finding;
using observations::Problem;
using observations::SubjectAlternativeName;

namespace {

using Role = Examined::Role;

// What a rule says of a certificate: nothing, or a sentence for people.
using Remark = std::optional<std::string>;

bool is_leaf(const Examined& examined) { return examined.role == Role::leaf; }
bool is_server_leaf(const Examined& examined) { return is_leaf(examined) && examined.options.purpose == Purpose::server; }

bool has_extension(const Examined& examined, int nid) { return X509_get_ext_by_NID(examined.certificate, nid, -1) >= 0; }

bool critical(const Examined& examined, int nid) {
  const int at = X509_get_ext_by_NID(examined.certificate, nid, -1);
  return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(examined.certificate, at)) == 1;
}

bool has_usage(const Examined& examined, std::string_view usage) {
  const auto& usages = examined.facts.extended_key_usages;
  return std::find(usages.begin(), usages.end(), usage) != usages.end();
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// RFC 9525 2: the common name is no longer a place to look for the identity of a server.
Remark no_san(const Examined& examined) {
  if (!is_server_leaf(examined) || has_extension(examined, NID_subject_alt_name)) return {};
  return "the only name is in the subject";
}

// BR 7.1.4.3: "If present, this attribute MUST contain exactly one entry that is one of the values contained in the
// Certificate's subjectAltName extension".
Remark cn_not_in_san(const Examined& examined) {
  const std::string& name = examined.facts.subject_common_name;
  const auto& names = examined.facts.subject_alternative_names;
  if (!is_server_leaf(examined) || name.empty() || names.empty()) return {};
  if (std::any_of(names.begin(), names.end(), [&](const SubjectAlternativeName& one) { return same_name(one.value, name); })) return {};
  return "common name \"" + name + "\"";
}

// BR 7.1.2.7.8: a subscriber certificate's basicConstraints MUST be CA:FALSE where present.
Remark ca_leaf(const Examined& examined) {
  if (!is_leaf(examined) || !examined.facts.authority) return {};
  return "basicConstraints says CA:TRUE";
}

Remark missing_eku(const Examined& examined) {
  if (!is_leaf(examined) || has_extension(examined, NID_ext_key_usage)) return {};
  return "no extended key usage";
}

// BR 7.1.2.7.10: anyExtendedKeyUsage MUST NOT be present.
Remark any_eku(const Examined& examined) {
  if (!is_leaf(examined) || !has_usage(examined, "anyExtendedKeyUsage")) return {};
  return "anyExtendedKeyUsage";
}

// RFC 5280 4.2.1.12: "the certificate MUST only be used for one of the purposes indicated".
Remark no_client_auth_eku(const Examined& examined) {
  if (!is_leaf(examined) || examined.options.purpose != Purpose::client) return {};
  if (!has_extension(examined, NID_ext_key_usage) || has_usage(examined, "clientAuth") || has_usage(examined, "anyExtendedKeyUsage")) return {};
  return "extended key usage without clientAuth";
}

Remark rsa_under_2048(const Examined& examined) {
  const auto& facts = examined.facts;
  if (!facts.key_type.starts_with("rsa") || facts.key_bits == 0 || facts.key_bits >= 2048) return {};
  return std::to_string(facts.key_bits) + " bits";
}

// A root's signature over itself proves nothing, however it was made.
Remark sha1_or_md5_signature(const Examined& examined) {
  int digest = NID_undef;
  if (examined.facts.self_issued || X509_get_signature_info(examined.certificate, &digest, nullptr, nullptr, nullptr) != 1) return {};
  static constexpr std::array weak = {NID_sha1, NID_md5, NID_md5_sha1, NID_md4, NID_md2, NID_mdc2};
  if (std::find(weak.begin(), weak.end(), digest) == weak.end()) return {};
  return examined.facts.signature_algorithm;
}

// RFC 5280 4.1.2.2: "The serial number MUST be a positive integer ... Conforming CAs MUST NOT use serialNumber values
// longer than 20 octets."
Remark bad_serial(const Examined& examined) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(examined.certificate);
  const int size = ASN1_STRING_length(serial);
  const unsigned char* octets = ASN1_STRING_get0_data(serial);
  if ((ASN1_STRING_type(serial) & V_ASN1_NEG) != 0) return "negative";
  if (std::all_of(octets, octets + size, [](unsigned char octet) { return octet == 0; })) return "zero";
  // Kept as a magnitude: a high bit set takes one more octet in DER.
  if (size + (octets[0] >> 7) > 20) return std::to_string(size + (octets[0] >> 7)) + " octets";
  return {};
}

// RFC 5280 4.2.1.10: "Conforming CAs MUST mark this extension as critical".
Remark name_constraints_not_critical(const Examined& examined) {
  if (!has_extension(examined, NID_name_constraints) || critical(examined, NID_name_constraints)) return {};
  return "nameConstraints is not critical";
}

// BR 1.6.1: a validity period includes both its first and its last second.
Remark validity_too_long(const Examined& examined) {
  if (!is_leaf(examined) || !examined.options.maximum_validity_days) return {};
  const auto validity = examined.facts.not_after - examined.facts.not_before + std::chrono::seconds(1);
  if (validity <= std::chrono::days(*examined.options.maximum_validity_days)) return {};
  return "valid for " + std::to_string(std::chrono::ceil<std::chrono::days>(validity).count()) + " days, " +
         std::to_string(*examined.options.maximum_validity_days) + " allowed";
}

Remark not_before_in_future(const Examined& examined) {
  if (examined.facts.not_before <= examined.options.at) return {};
  return "not valid yet";
}

Remark wildcard(const Examined& examined) {
  if (!is_leaf(examined)) return {};
  for (const SubjectAlternativeName& name : examined.facts.subject_alternative_names)
    if (name.kind == SubjectAlternativeName::Kind::dns && name.value.starts_with("*.")) return name.value;
  return {};
}

Remark unparsable_key(const Examined& examined) {
  if (X509_get0_pubkey(examined.certificate) != nullptr) return {};
  return "the public key cannot be read";
}

struct Rule {
  Finding finding;
  Remark (*remark)(const Examined&);
};

constexpr std::array rules = {
    Rule{Finding::no_san, no_san},
    Rule{Finding::cn_not_in_san, cn_not_in_san},
    Rule{Finding::ca_leaf, ca_leaf},
    Rule{Finding::missing_eku, missing_eku},
    Rule{Finding::any_eku, any_eku},
    Rule{Finding::no_client_auth_eku, no_client_auth_eku},
    Rule{Finding::rsa_under_2048, rsa_under_2048},
    Rule{Finding::sha1_or_md5_signature, sha1_or_md5_signature},
    Rule{Finding::bad_serial, bad_serial},
    Rule{Finding::name_constraints_not_critical, name_constraints_not_critical},
    Rule{Finding::validity_too_long, validity_too_long},
    Rule{Finding::not_before_in_future, not_before_in_future},
    Rule{Finding::wildcard, wildcard},
    Rule{Finding::unparsable_key, unparsable_key},
};

}  // namespace

std::vector<Problem> certificate_problems(const Examined& examined, std::optional<int> position) {
  std::vector<Problem> problems;
  for (const Rule& rule : rules)
    if (Remark remark = rule.remark(examined))
      problems.push_back({rule.finding, observations::row(rule.finding).severity, position, std::move(*remark)});
  ERR_clear_error();
  return problems;
}

}  // namespace probes::chain
