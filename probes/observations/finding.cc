#include "probes/observations/finding.h"

#include <array>

namespace probes::observations {

namespace {

// One row per finding, in the order of the enumeration. BR: the CA/Browser Forum's Baseline Requirements for TLS server
// certificates, version 2. A chain finding of severity critical means that OpenSSL refuses the chain.
constexpr std::array table = {
    FindingRow{Finding::expired, "expired", Subject::chain, Severity::critical, "RFC 5280 6.1.3 (a)(2)",
               "A certificate of the chain is past its notAfter"},
    FindingRow{Finding::not_yet_valid, "not_yet_valid", Subject::chain, Severity::critical, "RFC 5280 6.1.3 (a)(2)",
               "A certificate of the chain is before its notBefore"},
    FindingRow{Finding::untrusted_root, "untrusted_root", Subject::chain, Severity::critical, "RFC 5280 6.1.1 (d)",
               "The chain ends at a root that is not in the trust store"},
    FindingRow{Finding::missing_intermediate, "missing_intermediate", Subject::chain, Severity::critical, "RFC 8446 4.4.2",
               "An issuer was neither sent nor is it in the trust store; the detail names it"},
    FindingRow{
        Finding::anchor_not_root, "anchor_not_root", Subject::chain, Severity::critical, "RFC 5280 6.1.1 (d)",
        "The trust store holds a certificate of the chain and not its root, which is enough with `partial_chain: true` only"},
    FindingRow{Finding::self_signed, "self_signed", Subject::chain, Severity::critical, "RFC 5280 6.1",
               "The leaf is signed by itself and not in the trust store"},
    FindingRow{Finding::misordered, "misordered", Subject::chain, Severity::warning, "RFC 5246 7.4.2",
               "A certificate was sent after its own issuer; older clients refuse such a chain"},
    FindingRow{Finding::root_served, "root_served", Subject::chain, Severity::info, "RFC 8446 4.4.2",
               "A self-signed root was sent; the peer must have it already"},
    FindingRow{Finding::superfluous, "superfluous", Subject::chain, Severity::info, "RFC 8446 4.4.2",
               "A certificate was sent that the trusted path does not use"},
    FindingRow{Finding::duplicate, "duplicate", Subject::chain, Severity::info, "RFC 8446 4.4.2",
               "The same certificate was sent more than once"},
    FindingRow{Finding::revoked, "revoked", Subject::chain, Severity::critical, "RFC 5280 6.3",
               "A certificate of the chain has been revoked by its issuer"},
    FindingRow{Finding::wrong_purpose, "wrong_purpose", Subject::chain, Severity::critical, "RFC 5280 4.2.1.12",
               "A certificate's key usage or extended key usage does not allow what it is used for"},
    FindingRow{Finding::weak_signature, "weak_signature", Subject::chain, Severity::critical, "RFC 8446 4.4.2.4",
               "A signature in the chain is too weak for the security level"},
    FindingRow{Finding::weak_key, "weak_key", Subject::chain, Severity::critical, "NIST SP 800-57 part 1, 5.6.1",
               "A key in the chain is too weak for the security level"},
    FindingRow{Finding::constraint_violation, "constraint_violation", Subject::chain, Severity::critical, "RFC 5280 6.1.4",
               "The chain breaks a basic, path length, name or policy constraint of one of its authorities"},
    FindingRow{Finding::invalid_signature, "invalid_signature", Subject::chain, Severity::critical, "RFC 5280 6.1.3 (a)(1)",
               "A certificate's signature does not verify with its issuer's key"},
    FindingRow{Finding::too_long, "too_long", Subject::chain, Severity::critical, "OpenSSL X509_V_ERR_CERT_CHAIN_TOO_LONG",
               "The chain is longer than the verification depth"},
    FindingRow{Finding::unknown_critical_extension, "unknown_critical_extension", Subject::chain, Severity::critical,
               "RFC 5280 4.2", "A certificate of the chain has a critical extension that OpenSSL does not know"},
    FindingRow{Finding::other_chain_error, "other_chain_error", Subject::chain, Severity::critical, "OpenSSL X509_V_ERR_*",
               "OpenSSL refuses the chain for another reason; the detail quotes it"},
    FindingRow{Finding::another_path_is_valid, "another_path_is_valid", Subject::chain, Severity::info, "RFC 4158",
               "OpenSSL refuses the path it builds and does not look for this other one, which holds: Go and browsers accept it"},
    FindingRow{Finding::staple_missing, "staple_missing", Subject::chain, Severity::warning, "RFC 7633 4.2.3.1",
               "The leaf promises a stapled OCSP answer and the server sent none; clients that mind it refuse the server"},

    FindingRow{Finding::no_san, "no_san", Subject::certificate, Severity::warning, "RFC 9525 2; BR 7.1.2.7.12",
               "The leaf has no subject alternative name; current clients ignore the common name"},
    FindingRow{Finding::cn_not_in_san, "cn_not_in_san", Subject::certificate, Severity::info, "BR 7.1.4.3",
               "The leaf's common name is not among its subject alternative names"},
    FindingRow{Finding::ca_leaf, "ca_leaf", Subject::certificate, Severity::warning, "BR 7.1.2.7.8; RFC 5280 4.2.1.9",
               "The leaf is a CA certificate: its key could issue others"},
    FindingRow{Finding::missing_eku, "missing_eku", Subject::certificate, Severity::warning, "BR 7.1.2.7.10; RFC 5280 4.2.1.12",
               "The leaf does not say what it is for: no extended key usage"},
    FindingRow{Finding::any_eku, "any_eku", Subject::certificate, Severity::warning, "BR 7.1.2.7.10",
               "The certificate's extended key usage allows everything"},
    FindingRow{Finding::no_client_auth_eku, "no_client_auth_eku", Subject::certificate, Severity::warning, "RFC 5280 4.2.1.12",
               "A client certificate whose extended key usage lacks clientAuth"},
    FindingRow{Finding::rsa_under_2048, "rsa_under_2048", Subject::certificate, Severity::warning, "BR 6.1.5",
               "An RSA key of fewer than 2048 bits"},
    FindingRow{Finding::sha1_or_md5_signature, "sha1_or_md5_signature", Subject::certificate, Severity::warning,
               "BR 7.1.3.2; RFC 9155", "Signed with SHA-1 or MD5"},
    FindingRow{Finding::bad_serial, "bad_serial", Subject::certificate, Severity::warning, "RFC 5280 4.1.2.2",
               "The serial number is zero, negative or longer than 20 octets"},
    FindingRow{Finding::name_constraints_not_critical, "name_constraints_not_critical", Subject::certificate, Severity::warning,
               "RFC 5280 4.2.1.10", "Name constraints that are not marked critical may be ignored"},
    FindingRow{Finding::validity_too_long, "validity_too_long", Subject::certificate, Severity::warning, "BR 6.3.2",
               "The leaf's validity is longer than the configured maximum"},
    FindingRow{Finding::not_before_in_future, "not_before_in_future", Subject::certificate, Severity::warning, "RFC 5280 4.1.2.5",
               "The certificate is not valid yet"},
    FindingRow{Finding::wildcard, "wildcard", Subject::certificate, Severity::info, "RFC 9525 7.1",
               "The leaf carries a wildcard name: one stolen key stands for many hosts"},
    FindingRow{Finding::unparsable_key, "unparsable_key", Subject::certificate, Severity::warning, "RFC 5280 4.1.2.7",
               "OpenSSL cannot read the public key"},
    FindingRow{Finding::unreadable_date, "unreadable_date", Subject::certificate, Severity::warning, "RFC 5280 4.1.2.5",
               "notBefore or notAfter is no date; it is left out wherever dates are shown, and verifiers refuse the certificate"},
    FindingRow{Finding::unreadable_serial, "unreadable_serial", Subject::certificate, Severity::warning, "RFC 5280 4.1.2.2",
               "The serial number is no number"},
    FindingRow{Finding::unreadable_name, "unreadable_name", Subject::certificate, Severity::warning, "RFC 5280 4.1.2.4",
               "The subject or the issuer has a name that is no text; the common name is left out"},
    FindingRow{Finding::malformed_dns_name, "malformed_dns_name", Subject::certificate, Severity::warning,
               "RFC 5280 4.2.1.6; RFC 9525 6.3", "A DNS name of the certificate is no host name and matches nothing"},
    FindingRow{Finding::san_criticality, "san_criticality", Subject::certificate, Severity::warning, "RFC 5280 4.2.1.6",
               "The subject alternative names are critical beside a subject, or not critical without one"},
    FindingRow{Finding::critical_eku, "critical_eku", Subject::certificate, Severity::info, "BR 7.1.2.7.6",
               "The extended key usage is marked critical"},
    FindingRow{Finding::root_with_eku, "root_with_eku", Subject::certificate, Severity::info, "BR 7.1.2.1.2",
               "A root carries an extended key usage"},
    FindingRow{Finding::cert_sign_without_ca, "cert_sign_without_ca", Subject::certificate, Severity::warning, "RFC 5280 4.2.1.3",
               "The key usage allows signing certificates and the certificate is no CA"},
    FindingRow{Finding::dsa_key, "dsa_key", Subject::certificate, Severity::warning, "BR 7.1.3.1; RFC 8446 1.2",
               "A DSA key, which TLS 1.3 cannot use"},
    FindingRow{Finding::not_version_3, "not_version_3", Subject::certificate, Severity::warning, "RFC 5280 4.1.2.1; BR 7.1.1",
               "The certificate is not of version 3"},
    FindingRow{Finding::malformed_extension, "malformed_extension", Subject::certificate, Severity::warning, "RFC 5280 4.2",
               "An extension of a known kind cannot be decoded"},
    FindingRow{Finding::name_constraints_in_leaf, "name_constraints_in_leaf", Subject::certificate, Severity::warning,
               "RFC 5280 4.2.1.10", "Name constraints in a certificate that is no CA"},
    FindingRow{Finding::empty_name_constraints, "empty_name_constraints", Subject::certificate, Severity::warning,
               "RFC 5280 4.2.1.10", "Name constraints that permit and exclude nothing"},
    FindingRow{Finding::bad_basic_constraints, "bad_basic_constraints", Subject::certificate, Severity::warning,
               "RFC 5280 4.2.1.9", "A CA certificate whose basic constraints are absent or not critical"},
    FindingRow{Finding::no_authority_key_identifier, "no_authority_key_identifier", Subject::certificate, Severity::warning,
               "RFC 5280 4.2.1.1", "The certificate does not identify its issuer's key; strict verifiers refuse it"},
    FindingRow{Finding::no_subject_key_identifier, "no_subject_key_identifier", Subject::certificate, Severity::warning,
               "RFC 5280 4.2.1.2", "A CA certificate does not identify its own key; strict verifiers refuse it"},

    FindingRow{Finding::key_mismatch, "key_mismatch", Subject::identity, Severity::critical, "RFC 8446 4.4.3",
               "The private key does not belong to the certificate"},
    FindingRow{Finding::certificate_missing, "certificate_missing", Subject::identity, Severity::critical, "configuration",
               "The certificate file does not exist"},
    FindingRow{Finding::certificate_unreadable, "certificate_unreadable", Subject::identity, Severity::critical, "configuration",
               "The certificate file cannot be read or holds no certificate"},
    FindingRow{Finding::key_missing, "key_missing", Subject::identity, Severity::critical, "configuration",
               "The key file does not exist or holds no key"},
    FindingRow{Finding::key_unreadable, "key_unreadable", Subject::identity, Severity::critical, "configuration",
               "The key file cannot be read"},
    FindingRow{Finding::passphrase_missing, "passphrase_missing", Subject::identity, Severity::critical, "configuration",
               "The key is encrypted and no passphrase could be read"},
    FindingRow{Finding::passphrase_wrong, "passphrase_wrong", Subject::identity, Severity::critical, "configuration",
               "The passphrase does not open the key"},
    FindingRow{Finding::untrusted_chain, "untrusted_chain", Subject::identity, Severity::warning, "RFC 5280 6.1",
               "The identity's own chain does not hold against its trust store"},
    FindingRow{Finding::world_readable_key, "world_readable_key", Subject::identity, Severity::warning, "configuration",
               "Every user of the machine may read the private key"},
    FindingRow{Finding::token_unavailable, "token_unavailable", Subject::identity, Severity::critical, "configuration",
               "The token that holds the key cannot be used"},
};

}  // namespace

std::span<const FindingRow> all_findings() { return table; }

const FindingRow& row(Finding finding) { return table.at(static_cast<std::size_t>(finding)); }

std::string_view word(Finding finding) { return row(finding).word; }

std::string_view word(Severity severity) {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::critical: return "critical";
  }
  return "info";
}

}  // namespace probes::observations
