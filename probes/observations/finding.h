// The findings table: everything this exporter can say is wrong, or worth knowing, about a certificate, a chain
// or an identity. The words are label values: words may be added, none changes its meaning. One row per finding in finding.cc
// holds its word, usual severity, what it is about, the rule it comes from and one sentence for people.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "probes/observations/certificate.h"

namespace probes::observations {

enum class Severity : std::uint8_t { info, warning, critical };

enum class Subject : std::uint8_t { chain, certificate, identity };

enum class Finding : std::uint8_t {
  // of a chain
  expired,
  not_yet_valid,
  untrusted_root,
  missing_intermediate,
  anchor_not_root,
  self_signed,
  misordered,
  root_served,
  superfluous,
  duplicate,
  revoked,
  wrong_purpose,
  weak_signature,
  weak_key,
  constraint_violation,
  invalid_signature,
  too_long,
  unknown_critical_extension,
  other_chain_error,
  another_path_is_valid,
  wildcard_covers_excluded,
  staple_missing,
  // of a certificate
  no_san,
  cn_not_in_san,
  ca_leaf,
  missing_eku,
  any_eku,
  no_client_auth_eku,
  rsa_under_2048,
  sha1_or_md5_signature,
  bad_serial,
  name_constraints_not_critical,
  validity_too_long,
  not_before_in_future,
  wildcard,
  unparsable_key,
  unreadable_date,
  unreadable_serial,
  unreadable_name,
  malformed_dns_name,
  san_criticality,
  critical_eku,
  root_with_eku,
  cert_sign_without_ca,
  dsa_key,
  not_version_3,
  malformed_extension,
  name_constraints_in_leaf,
  empty_name_constraints,
  bad_basic_constraints,
  no_authority_key_identifier,
  no_subject_key_identifier,
  empty_extension,
  wrong_criticality,
  path_length_without_ca,
  half_authority_key_identifier,
  duplicate_policy,
  malformed_sct_list,
  malformed_ip_name,
  malformed_uri_name,
  underscore_in_name,
  malformed_name_constraint,
  forbidden_letters,
  malformed_rsa_key,
  superseded,
  expired_ca,
  stored_ca,
  // of an identity
  key_mismatch,
  certificate_missing,
  certificate_unreadable,
  key_missing,
  key_unreadable,
  passphrase_missing,
  passphrase_wrong,
  untrusted_chain,
  world_readable_key,
  token_unavailable,
};

struct FindingRow {
  Finding finding;
  std::string_view word;
  Subject subject;
  Severity severity;
  std::string_view rule;     // "RFC 5280 4.2.1.6"
  std::string_view meaning;  // one sentence, no full stop needed by callers
};

[[nodiscard]] std::span<const FindingRow> all_findings();
[[nodiscard]] const FindingRow& row(Finding finding);
[[nodiscard]] std::string_view word(Finding finding);
[[nodiscard]] std::string_view word(Severity severity);

struct Problem {
  Finding finding;
  Severity severity;
  // The certificate concerned, 0 for the leaf, as sent; one past the last: the anchor, which was not; absent: the chain as a
  // whole.
  std::optional<int> position;
  std::string detail;               // for people; hostile text possible: never a label
  CertificatePtr certificate = {};  // the one concerned, where it is on the way that OpenSSL took and was not sent; else null
};

}  // namespace probes::observations
