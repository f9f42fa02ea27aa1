// The forms that names must have: alternative names, constraints, and the letters of the subject.
#include "probes/chain/rules/rule.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string_view>

namespace probes::chain::rules {

using observations::SubjectAlternativeName;

namespace {

using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;
using Constraints = std::unique_ptr<NAME_CONSTRAINTS, decltype(&NAME_CONSTRAINTS_free)>;

Names names_of(const Examined& examined, int nid) {
  return {static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(examined.certificate, nid, nullptr, nullptr)), GENERAL_NAMES_free};
}

std::string_view text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

constexpr int v4_octets = 4, v6_octets = 16;

bool is_scheme(std::string_view text) {
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.';
  });
}

// RFC 3986 3.2: what stands behind "//", without the user and the port.
std::string_view host_of(std::string_view rest) {
  rest.remove_prefix(2);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  return rest.starts_with('[') ? rest : rest.substr(0, rest.find(':'));
}

template <typename Odd>
Remark first_subtree(const NAME_CONSTRAINTS& constraints, Odd odd) {
  for (STACK_OF(GENERAL_SUBTREE) * subtrees : {constraints.permittedSubtrees, constraints.excludedSubtrees})
    for (int index = 0; index < sk_GENERAL_SUBTREE_num(subtrees); ++index)
      if (Remark remark = odd(*sk_GENERAL_SUBTREE_value(subtrees, index)->base)) return remark;
  return {};
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool is_printable(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
}

// Whether the letters are those of the type that the text says it is of (X.680 41.4, table 9).
bool of_its_type(const ASN1_STRING* text) {
  const std::string_view octets = text_of(text);
  switch (ASN1_STRING_type(text)) {
    case V_ASN1_PRINTABLESTRING: return std::ranges::all_of(octets, is_printable);
    case V_ASN1_NUMERICSTRING: return std::ranges::all_of(octets, [](char c) { return c == ' ' || (c >= '0' && c <= '9'); });
    case V_ASN1_IA5STRING: return std::ranges::all_of(octets, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    case V_ASN1_VISIBLESTRING: return std::ranges::all_of(octets, [](char c) { return c >= ' ' && c <= '~'; });
    case V_ASN1_UTF8STRING:
    case V_ASN1_BMPSTRING: return std::ranges::none_of(octets, [](char c) { return c == '\x7f'; });
    default: return true;
  }
}

}  // namespace

// RFC 5280 4.2.1.6: an iPAddress "MUST contain exactly four octets", or sixteen.
Remark malformed_ip_name(const Examined& examined) {
  const Names names = names_of(examined, NID_subject_alt_name);
  for (int index = 0; index < sk_GENERAL_NAME_num(names.get()); ++index) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), index);
    if (name->type != GEN_IPADD) continue;
    const int size = ASN1_STRING_length(name->d.iPAddress);
    if (size != v4_octets && size != v6_octets) return "an IP address of " + std::to_string(size) + " octets";
  }
  return {};
}

// RFC 5280 4.2.1.6: "The name MUST NOT be a relative URI ... MUST include both a scheme and a scheme-specific-part"; one with an
// authority "MUST include a fully qualified domain name or IP address as the host".
Remark malformed_uri_name(const Examined& examined) {
  for (const SubjectAlternativeName& name : examined.facts.subject_alternative_names()) {
    if (name.kind != SubjectAlternativeName::Kind::uri) continue;
    const std::string_view uri = name.value;
    const std::size_t colon = uri.find(':');
    if (colon == std::string_view::npos || !is_scheme(uri.substr(0, colon))) return quoted(uri) + " has no scheme";
    const std::string_view rest = uri.substr(colon + 1);
    if (rest.empty()) return quoted(uri) + " is a scheme alone";
    if (rest.starts_with("//") && host_of(rest).empty()) return quoted(uri) + " has no host";
  }
  return {};
}

// BR 7.1.4.2: underscores are no letters of host names. Some verifiers match them, some do not. Those in front of a label are of
// services ("_ldap._tcp").
Remark underscore_in_name(const Examined& examined) {
  if (!is_leaf(examined)) return {};
  for (const SubjectAlternativeName& name : examined.facts.subject_alternative_names())
    for (std::size_t at = 1; name.kind == SubjectAlternativeName::Kind::dns && at < name.value.size(); ++at)
      if (name.value[at] == '_' && name.value[at - 1] != '.') return quoted(name.value);
  return {};
}

// RFC 5280 4.2.1.10: a DNS constraint is a name ("host.example.com") without a period in front; an IP constraint "MUST contain
// eight octets", or thirty-two, address and mask.
Remark malformed_name_constraint(const Examined& examined) {
  const Constraints constraints(
      static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(examined.certificate, NID_name_constraints, nullptr, nullptr)),
      NAME_CONSTRAINTS_free);
  if (!constraints) return {};
  return first_subtree(*constraints, [](const GENERAL_NAME& name) -> Remark {
    if (name.type == GEN_DNS && text_of(name.d.dNSName).starts_with('.'))
      return quoted(text_of(name.d.dNSName)) + " begins with a period";
    if (name.type != GEN_IPADD) return {};
    const int size = ASN1_STRING_length(name.d.iPAddress);
    if (size == 2 * v4_octets || size == 2 * v6_octets) return {};
    return "an IP range of " + std::to_string(size) + " octets";
  });
}

// RFC 5280 4.1.2.4; X.680: a PrintableString has no *, @, & or _, an IA5String nothing beyond ASCII.
Remark forbidden_letters(const Examined& examined) {
  const X509_NAME* subject = X509_get_subject_name(examined.certificate);
  for (int index = 0; index < X509_NAME_entry_count(subject); ++index) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, index);
    if (of_its_type(X509_NAME_ENTRY_get_data(entry))) continue;
    return std::string(OBJ_nid2ln(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)))) + " has letters that its type does not have";
  }
  return {};
}

}  // namespace probes::chain::rules
