// The rules of certificate_findings.cc: each looks at one certificate and says nothing, or a sentence for people. The
// requirement is quoted at the function; word and severity stand in the findings table under the same name. Pure.
#pragma once

#include <optional>
#include <string>

#include "probes/chain/certificate_findings.h"

namespace probes::chain::rules {

using Remark = std::optional<std::string>;

[[nodiscard]] bool is_leaf(const Examined& examined);
[[nodiscard]] bool has_extension(const Examined& examined, int nid);
[[nodiscard]] bool critical(const Examined& examined, int nid);  // the extension is there and marked critical

// names.cc
[[nodiscard]] Remark no_san(const Examined& examined);
[[nodiscard]] Remark cn_not_in_san(const Examined& examined);
[[nodiscard]] Remark wildcard(const Examined& examined);
[[nodiscard]] Remark malformed_dns_name(const Examined& examined);
[[nodiscard]] Remark unreadable_name(const Examined& examined);
[[nodiscard]] Remark san_criticality(const Examined& examined);

// name_forms.cc
[[nodiscard]] Remark malformed_ip_name(const Examined& examined);
[[nodiscard]] Remark malformed_uri_name(const Examined& examined);
[[nodiscard]] Remark underscore_in_name(const Examined& examined);
[[nodiscard]] Remark malformed_name_constraint(const Examined& examined);
[[nodiscard]] Remark forbidden_letters(const Examined& examined);

// extensions.cc
[[nodiscard]] Remark empty_extension(const Examined& examined);
[[nodiscard]] Remark wrong_criticality(const Examined& examined);
[[nodiscard]] Remark path_length_without_ca(const Examined& examined);
[[nodiscard]] Remark half_authority_key_identifier(const Examined& examined);
[[nodiscard]] Remark duplicate_policy(const Examined& examined);
[[nodiscard]] Remark malformed_sct_list(const Examined& examined);

// usages.cc
[[nodiscard]] Remark ca_leaf(const Examined& examined);
[[nodiscard]] Remark missing_eku(const Examined& examined);
[[nodiscard]] Remark any_eku(const Examined& examined);
[[nodiscard]] Remark no_client_auth_eku(const Examined& examined);
[[nodiscard]] Remark critical_eku(const Examined& examined);
[[nodiscard]] Remark root_with_eku(const Examined& examined);
[[nodiscard]] Remark cert_sign_without_ca(const Examined& examined);

// keys.cc
[[nodiscard]] Remark rsa_under_2048(const Examined& examined);
[[nodiscard]] Remark sha1_or_md5_signature(const Examined& examined);
[[nodiscard]] Remark unparsable_key(const Examined& examined);
[[nodiscard]] Remark dsa_key(const Examined& examined);
[[nodiscard]] Remark malformed_rsa_key(const Examined& examined);

// fields.cc
[[nodiscard]] Remark bad_serial(const Examined& examined);
[[nodiscard]] Remark validity_too_long(const Examined& examined);
[[nodiscard]] Remark not_before_in_future(const Examined& examined);
[[nodiscard]] Remark unreadable_date(const Examined& examined);
[[nodiscard]] Remark unreadable_serial(const Examined& examined);
[[nodiscard]] Remark not_version_3(const Examined& examined);
[[nodiscard]] Remark malformed_extension(const Examined& examined);

// authorities.cc
[[nodiscard]] Remark name_constraints_not_critical(const Examined& examined);
[[nodiscard]] Remark name_constraints_in_leaf(const Examined& examined);
[[nodiscard]] Remark empty_name_constraints(const Examined& examined);
[[nodiscard]] Remark bad_basic_constraints(const Examined& examined);
[[nodiscard]] Remark no_authority_key_identifier(const Examined& examined);
[[nodiscard]] Remark no_subject_key_identifier(const Examined& examined);

}  // namespace probes::chain::rules
