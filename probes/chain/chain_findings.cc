#include "probes/chain/chain_findings.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "probes/tls/certificate_facts.h"
#include "probes/tls/made.h"

namespace probes::chain {

using observations::Finding;
using observations::Problem;

namespace {

struct Translation {
  int code;
  Finding finding;
};

// OpenSSL's codes in our words; the ones not listed are other_chain_error and quoted.
constexpr std::array translations = {
    Translation{X509_V_ERR_CERT_HAS_EXPIRED, Finding::expired},
    Translation{X509_V_ERR_CERT_NOT_YET_VALID, Finding::not_yet_valid},
    Translation{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, Finding::missing_intermediate},
    Translation{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, Finding::missing_intermediate},
    Translation{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, Finding::missing_intermediate},
    Translation{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, Finding::untrusted_root},
    Translation{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, Finding::self_signed},
    Translation{X509_V_ERR_CERT_UNTRUSTED, Finding::untrusted_root},
    Translation{X509_V_ERR_CERT_REJECTED, Finding::untrusted_root},
    Translation{X509_V_ERR_CERT_REVOKED, Finding::revoked},
    Translation{X509_V_ERR_INVALID_PURPOSE, Finding::wrong_purpose},
    Translation{X509_V_ERR_CA_MD_TOO_WEAK, Finding::weak_signature},
    Translation{X509_V_ERR_EE_KEY_TOO_SMALL, Finding::weak_key},
    Translation{X509_V_ERR_CA_KEY_TOO_SMALL, Finding::weak_key},
    Translation{X509_V_ERR_EC_KEY_EXPLICIT_PARAMS, Finding::weak_key},
    Translation{X509_V_ERR_INVALID_CA, Finding::constraint_violation},
    Translation{X509_V_ERR_INVALID_NON_CA, Finding::constraint_violation},
    Translation{X509_V_ERR_PATH_LENGTH_EXCEEDED, Finding::constraint_violation},
    Translation{X509_V_ERR_KEYUSAGE_NO_CERTSIGN, Finding::constraint_violation},
    Translation{X509_V_ERR_PERMITTED_VIOLATION, Finding::constraint_violation},
    Translation{X509_V_ERR_EXCLUDED_VIOLATION, Finding::constraint_violation},
    Translation{X509_V_ERR_SUBTREE_MINMAX, Finding::constraint_violation},
    Translation{X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, Finding::constraint_violation},
    Translation{X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, Finding::constraint_violation},
    Translation{X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, Finding::constraint_violation},
    Translation{X509_V_ERR_INVALID_POLICY_EXTENSION, Finding::constraint_violation},
    Translation{X509_V_ERR_NO_EXPLICIT_POLICY, Finding::constraint_violation},
    Translation{X509_V_ERR_CERT_SIGNATURE_FAILURE, Finding::invalid_signature},
    Translation{X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, Finding::invalid_signature},
    Translation{X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, Finding::invalid_signature},
    Translation{X509_V_ERR_NO_ISSUER_PUBLIC_KEY, Finding::invalid_signature},
    Translation{X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM, Finding::invalid_signature},
    Translation{X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, Finding::invalid_signature},
    Translation{X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY, Finding::invalid_signature},
    Translation{X509_V_ERR_CERT_CHAIN_TOO_LONG, Finding::too_long},
    Translation{X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, Finding::unknown_critical_extension},
};

Finding translated(int code) {
  const auto row =
      std::find_if(translations.begin(), translations.end(), [&](const Translation& one) { return one.code == code; });
  return row == translations.end() ? Finding::other_chain_error : row->finding;
}

bool about_reaching_an_anchor(int code) {
  const Finding finding = translated(code);
  const bool refused =
      code == X509_V_ERR_CERT_UNTRUSTED || code == X509_V_ERR_CERT_REJECTED;  // an anchor was reached, but not for this
  return !refused &&
         (finding == Finding::missing_intermediate || finding == Finding::untrusted_root || finding == Finding::self_signed);
}

std::optional<int> position_of(X509* certificate, std::span<X509* const> received) {
  for (std::size_t index = 0; certificate != nullptr && index < received.size(); ++index)
    if (X509_cmp(received[index], certificate) == 0) return static_cast<int>(index);
  return std::nullopt;
}

bool holds(const Issuance::Path& path, X509* certificate) {
  return std::any_of(path.begin(), path.end(), [&](X509* one) { return X509_cmp(one, certificate) == 0; });
}

bool self_signed(X509* certificate) { return (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0; }

Problem problem(Finding finding, std::optional<int> position, std::string detail) {
  return {finding, observations::row(finding).severity, position, std::move(detail)};
}

std::string described(X509* certificate) { return "\"" + std::string(tls::remembered_facts(certificate)->subject()) + "\""; }

// "issuer X (key identifier Y)": all that is known of a certificate nobody sent.
std::string missing_issuer(X509* certificate) {
  const observations::CertificatePtr facts = tls::remembered_facts(certificate);
  std::string text = "\"" + std::string(facts->issuer()) + "\"";
  if (const auto identifier = facts->authority_key_identifier(); !identifier.empty())
    text.append(" (key identifier ").append(identifier).append(")");
  return text;
}

bool names_an_anchor(X509* certificate, const TrustStore& trust) {
  const tls::Ptr<X509_STORE_CTX> context = tls::made(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), trust.store(), nullptr, nullptr);
  STACK_OF(X509)* found = X509_STORE_CTX_get1_certs(context.get(), X509_get_issuer_name(certificate));
  const bool named = sk_X509_num(found) > 0;
  sk_X509_pop_free(found, X509_free);
  return named;
}

// Why the set as received does not reach the trust store, told apart by where its certificates lead.
Problem unreached_anchor(const Evidence& evidence) {
  X509* top = evidence.path.back();
  const std::optional<int> position = position_of(top, evidence.received);
  for (X509* certificate : evidence.path)
    if (evidence.trust.contains(certificate) && !self_signed(certificate))
      return problem(Finding::anchor_not_root, position_of(certificate, evidence.received),
                     described(certificate) + " is in trust store " + evidence.trust.name() + " and no root; " + described(top) +
                         (self_signed(top) ? " is not in it" : " was issued by " + missing_issuer(top) + ", which is not in it"));
  if (self_signed(top)) {
    if (evidence.path.size() == 1) return problem(Finding::self_signed, position, described(top) + " is signed by itself");
    return problem(Finding::untrusted_root, position, described(top) + " is not in trust store " + evidence.trust.name());
  }
  if (names_an_anchor(top, evidence.trust))
    return problem(
        Finding::untrusted_root, position,
        "trust store " + evidence.trust.name() + " knows " + missing_issuer(top) + " by name only: another key, or not a root");
  return problem(Finding::missing_intermediate, position,
                 described(top) + " was issued by " + missing_issuer(top) + ", which was not sent and is not in trust store " +
                     evidence.trust.name() + "; if that is a root, it is not trusted");
}

void add_objections(const Evidence& evidence, std::vector<Problem>& problems) {
  if (!evidence.complete) problems.push_back(unreached_anchor(evidence));
  for (const Objection& objection : evidence.objections) {
    // Why no anchor is reached was said above; OpenSSL's own word on it counts only when it is the verdict.
    if (about_reaching_an_anchor(objection.code) && (!evidence.complete || &objection != &evidence.objections.front())) continue;
    X509* certificate = objection.certificate.get();
    std::string detail = X509_verify_cert_error_string(objection.code);
    if (certificate != nullptr) detail += ": " + described(certificate);
    if (about_reaching_an_anchor(objection.code)) detail += "; there is another path, which OpenSSL does not look for";
    Problem found = problem(translated(objection.code), position_of(certificate, evidence.received), std::move(detail));
    if (certificate != nullptr && !found.position) found.certificate = tls::remembered_facts(certificate);
    problems.push_back(std::move(found));
  }
}

// Named by its anchor and by what leads OpenSSL away from it.
Problem another_path(const Evidence& evidence) {
  std::string detail = "by " + described(evidence.path.back());
  std::optional<int> misleading;
  if (evidence.other_path->misleading != nullptr) {
    misleading = position_of(evidence.other_path->misleading, evidence.received);
    detail += "; without " + described(evidence.other_path->misleading) + " OpenSSL accepts it too";
  }
  Problem found = problem(Finding::another_path_is_valid, misleading, std::move(detail));
  if (evidence.other_path->from_store != nullptr) {
    found.certificate = tls::remembered_facts(evidence.other_path->from_store);
    found.detail += "; trust store " + evidence.trust.name() + " has " + described(evidence.other_path->from_store) +
                    " (serial " + std::string(found.certificate->serial()) + "), too, which OpenSSL takes instead";
  }
  return found;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// The DNS names that `authority` excludes, without a period in front.
std::vector<std::string> excluded_names(X509* authority) {
  auto* constraints = static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(authority, NID_name_constraints, nullptr, nullptr));
  std::vector<std::string> names;
  for (int at = 0; constraints != nullptr && at < sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees); ++at) {
    const GENERAL_NAME* base = sk_GENERAL_SUBTREE_value(constraints->excludedSubtrees, at)->base;
    if (base->type != GEN_DNS) continue;
    std::string name = lower({reinterpret_cast<const char*>(ASN1_STRING_get0_data(base->d.dNSName)),
                              static_cast<std::size_t>(ASN1_STRING_length(base->d.dNSName))});
    if (name.starts_with('.')) name.erase(0, 1);
    names.push_back(std::move(name));
  }
  NAME_CONSTRAINTS_free(constraints);
  return names;
}

// Does "*.example.org" stand for "bad.example.org"? The wildcard stands for one label.
bool covers(const std::string& wildcard, const std::string& name) {
  const std::string_view below = std::string_view(wildcard).substr(1);  // ".example.org"
  return name.size() > below.size() && name.ends_with(below) && name.find('.') == name.size() - below.size();
}

// RFC 5280 4.2.1.10 forbids names within an excluded subtree. OpenSSL compares the wildcard itself, which is not within.
void add_covered_exclusions(const Evidence& evidence, std::vector<Problem>& problems) {
  if (evidence.path.size() < 2) return;
  std::vector<std::string> wildcards;
  for (const auto& name : tls::remembered_facts(evidence.path.front())->subject_alternative_names())
    if (name.kind == observations::SubjectAlternativeName::Kind::dns && name.value.starts_with("*."))
      wildcards.push_back(lower(name.value));
  if (wildcards.empty()) return;
  for (X509* authority : std::span(evidence.path).subspan(1))
    for (const std::string& excluded : excluded_names(authority))
      for (const std::string& wildcard : wildcards)
        if (covers(wildcard, excluded))
          return problems.push_back(
              problem(Finding::wildcard_covers_excluded, position_of(evidence.path.front(), evidence.received),
                      "\"" + wildcard + "\" stands for \"" + excluded + "\", which " + described(authority) + " excludes"));
}

// RFC 5246 7.4.2: "Each following certificate MUST directly certify the one preceding it." Cross-signed pairs, which
// certify each other, have no order.
void add_misorder(const Evidence& evidence, std::vector<Problem>& problems) {
  const auto issued = [&](std::size_t issuer, std::size_t subject) {
    return X509_check_issued(evidence.received[issuer], evidence.received[subject]) == X509_V_OK;
  };
  for (std::size_t later = 1; later < evidence.received.size(); ++later)
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      if (X509_cmp(evidence.received[earlier], evidence.received[later]) == 0) continue;
      if (!issued(earlier, later) || issued(later, earlier)) continue;
      problems.push_back(
          problem(Finding::misordered, static_cast<int>(later), described(evidence.received[later]) + " came after its issuer"));
      return;
    }
}

// Certificates that need not have been sent. An unused one may have expired without harm: it is worth knowing, no more.
void add_needless(const Evidence& evidence, std::vector<Problem>& problems) {
  for (std::size_t index = 1; index < evidence.received.size(); ++index) {
    X509* certificate = evidence.received[index];
    const int position = static_cast<int>(index);
    const int first = *position_of(certificate, evidence.received);
    if (first != position) {
      problems.push_back(problem(Finding::duplicate, position, "the same as certificate " + std::to_string(first)));
      continue;
    }
    if (self_signed(certificate))
      problems.push_back(problem(Finding::root_served, position, described(certificate) + " was sent"));
    const bool used = holds(evidence.path, certificate);
    if (used || self_signed(certificate)) continue;
    const observations::Date end = tls::remembered_facts(certificate)->not_after();
    const bool expired = end && *end <= evidence.at;
    problems.push_back(problem(Finding::superfluous, position,
                               described(certificate) + (expired ? " is not used, and has expired" : " is not used")));
  }
}

}  // namespace

std::vector<Problem> chain_problems(const Evidence& evidence) {
  std::vector<Problem> problems;
  add_objections(evidence, problems);
  if (evidence.other_path != nullptr) problems.push_back(another_path(evidence));
  add_covered_exclusions(evidence, problems);
  add_misorder(evidence, problems);
  add_needless(evidence, problems);
  ERR_clear_error();
  return problems;
}

}  // namespace probes::chain
