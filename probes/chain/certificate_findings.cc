#include "probes/chain/certificate_findings.h"

#include <openssl/err.h>

#include <array>

#include "probes/chain/rules/rule.h"

namespace probes::chain {

using observations::Finding;
using observations::Problem;

namespace rules {

bool is_leaf(const Examined& examined) { return examined.role == Examined::Role::leaf; }

bool has_extension(const Examined& examined, int nid) { return X509_get_ext_by_NID(examined.certificate, nid, -1) >= 0; }

bool critical(const Examined& examined, int nid) {
  const int at = X509_get_ext_by_NID(examined.certificate, nid, -1);
  return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(examined.certificate, at)) == 1;
}

}  // namespace rules

namespace {

struct Rule {
  Finding finding;
  rules::Remark (*remark)(const Examined&);
};

constexpr std::array all_rules = {
    Rule{Finding::no_san, rules::no_san},
    Rule{Finding::cn_not_in_san, rules::cn_not_in_san},
    Rule{Finding::wildcard, rules::wildcard},
    Rule{Finding::malformed_dns_name, rules::malformed_dns_name},
    Rule{Finding::san_criticality, rules::san_criticality},
    Rule{Finding::ca_leaf, rules::ca_leaf},
    Rule{Finding::missing_eku, rules::missing_eku},
    Rule{Finding::any_eku, rules::any_eku},
    Rule{Finding::no_client_auth_eku, rules::no_client_auth_eku},
    Rule{Finding::critical_eku, rules::critical_eku},
    Rule{Finding::root_with_eku, rules::root_with_eku},
    Rule{Finding::cert_sign_without_ca, rules::cert_sign_without_ca},
    Rule{Finding::rsa_under_2048, rules::rsa_under_2048},
    Rule{Finding::sha1_or_md5_signature, rules::sha1_or_md5_signature},
    Rule{Finding::unparsable_key, rules::unparsable_key},
    Rule{Finding::unreadable_date, rules::unreadable_date},
    Rule{Finding::unreadable_serial, rules::unreadable_serial},
    Rule{Finding::unreadable_name, rules::unreadable_name},
    Rule{Finding::dsa_key, rules::dsa_key},
    Rule{Finding::bad_serial, rules::bad_serial},
    Rule{Finding::validity_too_long, rules::validity_too_long},
    Rule{Finding::not_before_in_future, rules::not_before_in_future},
    Rule{Finding::not_version_3, rules::not_version_3},
    Rule{Finding::malformed_extension, rules::malformed_extension},
    Rule{Finding::name_constraints_not_critical, rules::name_constraints_not_critical},
    Rule{Finding::name_constraints_in_leaf, rules::name_constraints_in_leaf},
    Rule{Finding::empty_name_constraints, rules::empty_name_constraints},
    Rule{Finding::bad_basic_constraints, rules::bad_basic_constraints},
    Rule{Finding::no_authority_key_identifier, rules::no_authority_key_identifier},
    Rule{Finding::no_subject_key_identifier, rules::no_subject_key_identifier},
    Rule{Finding::empty_extension, rules::empty_extension},
    Rule{Finding::wrong_criticality, rules::wrong_criticality},
    Rule{Finding::path_length_without_ca, rules::path_length_without_ca},
    Rule{Finding::half_authority_key_identifier, rules::half_authority_key_identifier},
    Rule{Finding::duplicate_policy, rules::duplicate_policy},
    Rule{Finding::malformed_sct_list, rules::malformed_sct_list},
    Rule{Finding::malformed_ip_name, rules::malformed_ip_name},
    Rule{Finding::malformed_uri_name, rules::malformed_uri_name},
    Rule{Finding::underscore_in_name, rules::underscore_in_name},
    Rule{Finding::malformed_name_constraint, rules::malformed_name_constraint},
    Rule{Finding::forbidden_letters, rules::forbidden_letters},
    Rule{Finding::malformed_rsa_key, rules::malformed_rsa_key},
};

}  // namespace

std::vector<Problem> certificate_problems(const Examined& examined, int position) {
  std::vector<Problem> problems;
  for (const Rule& rule : all_rules)
    if (rules::Remark remark = rule.remark(examined))
      problems.push_back({rule.finding, observations::row(rule.finding).severity, position, std::move(*remark)});
  ERR_clear_error();
  return problems;
}

}  // namespace probes::chain
