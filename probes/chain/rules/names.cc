#include "probes/chain/rules/rule.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "probes/observations/unreadable.h"

namespace probes::chain::rules {

using observations::SubjectAlternativeName;

namespace {

bool is_server(const Examined& examined) { return is_leaf(examined) && examined.options.purpose == Purpose::server; }

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// RFC 5280 4.2.1.6: the "preferred name syntax" of RFC 1034 as modified by RFC 1123; the underscores of SRV names and a
// wildcard as the whole left-most label (RFC 9525 6.3) are let pass.
bool well_formed(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > 253) return false;
  const auto allowed = [](unsigned char letter) { return std::isalnum(letter) != 0 || letter == '-' || letter == '_'; };
  while (true) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), allowed)) return false;
    if (label.size() == name.size()) return true;
    name.remove_prefix(label.size() + 1);
  }
}

std::string quoted(std::string what, std::string_view text) { return what.append("\"").append(text).append("\""); }

}  // namespace

// RFC 9525 2: the common name is no longer a place to look for the identity of a server.
Remark no_san(const Examined& examined) {
  if (!is_server(examined) || has_extension(examined, NID_subject_alt_name)) return {};
  return "the only name is in the subject";
}

// BR 7.1.4.3: "If present, this attribute MUST contain exactly one entry that is one of the values contained in the
// Certificate's subjectAltName extension".
Remark cn_not_in_san(const Examined& examined) {
  const std::string_view name = examined.facts.subject_common_name();
  const auto names = examined.facts.subject_alternative_names();
  if (!is_server(examined) || name.empty() || names.empty()) return {};
  if (std::any_of(names.begin(), names.end(), [&](const SubjectAlternativeName& one) { return same_name(one.value, name); }))
    return {};
  return quoted("common name ", name);
}

Remark wildcard(const Examined& examined) {
  if (!is_leaf(examined)) return {};
  for (const SubjectAlternativeName& name : examined.facts.subject_alternative_names())
    if (name.kind == SubjectAlternativeName::Kind::dns && name.value.starts_with("*.")) return std::string(name.value);
  return {};
}

Remark unreadable_name(const Examined& examined) {
  std::string names = observations::unreadable_names(examined.facts);
  return names.empty() ? Remark() : names;
}

Remark malformed_dns_name(const Examined& examined) {
  for (const SubjectAlternativeName& name : examined.facts.subject_alternative_names())
    if (name.kind == SubjectAlternativeName::Kind::dns && !well_formed(name.value)) return quoted("", name.value);
  return {};
}

// RFC 5280 4.2.1.6: with an empty subject "the issuing CA MUST include a subjectAltName extension that is marked as
// critical"; otherwise CAs "SHOULD mark the subjectAltName extension as non-critical".
Remark san_criticality(const Examined& examined) {
  if (!has_extension(examined, NID_subject_alt_name)) return {};
  const bool nameless = X509_NAME_entry_count(X509_get_subject_name(examined.certificate)) == 0;
  if (critical(examined, NID_subject_alt_name) == nameless) return {};
  return nameless ? "not critical although the subject is empty" : "critical although there is a subject";
}

}  // namespace probes::chain::rules
