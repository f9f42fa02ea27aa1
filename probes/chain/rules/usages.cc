#include "probes/chain/rules/rule.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>

namespace probes::chain::rules {

namespace {

bool has_usage(const Examined& examined, std::string_view usage) {
  const auto usages = examined.facts.extended_key_usages();
  return std::find(usages.begin(), usages.end(), usage) != usages.end();
}

}  // namespace

// BR 7.1.2.7.8: a subscriber certificate's basicConstraints MUST be CA:FALSE where present.
Remark ca_leaf(const Examined& examined) {
  if (!is_leaf(examined) || !examined.facts.authority()) return {};
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
  if (!has_extension(examined, NID_ext_key_usage) || has_usage(examined, "clientAuth") ||
      has_usage(examined, "anyExtendedKeyUsage"))
    return {};
  return "extended key usage without clientAuth";
}

// BR 7.1.2.7.6: extKeyUsage MUST be present and not critical. RFC 5280 allows both.
Remark critical_eku(const Examined& examined) {
  if (!is_leaf(examined) || !critical(examined, NID_ext_key_usage)) return {};
  return "extendedKeyUsage is critical";
}

// BR 7.1.2.1.2: a root's extKeyUsage MUST NOT be present.
Remark root_with_eku(const Examined& examined) {
  if (!examined.facts.authority() || !examined.facts.self_issued() || !has_extension(examined, NID_ext_key_usage)) return {};
  return "a root limited by extendedKeyUsage";
}

// RFC 5280 4.2.1.3: "If the keyCertSign bit is asserted, then the cA bit in the basic constraints extension MUST also be
// asserted."
Remark cert_sign_without_ca(const Examined& examined) {
  const bool signs = has_extension(examined, NID_key_usage) && (X509_get_key_usage(examined.certificate) & KU_KEY_CERT_SIGN) != 0;
  if (!signs || examined.facts.authority()) return {};
  return "keyUsage has keyCertSign, basicConstraints has no CA:TRUE";
}

}  // namespace probes::chain::rules
