#include "exporter/estate/rotation_sides.h"

#include <algorithm>

namespace exporter {

using probes::observations::AcceptableAuthorities;
using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::ChainJudgement;

RotationSides::RotationSides(const config::Rotation& rotation, const Estate& estate, const KnownIssuers& known) : known_(known) {
  take(before_, trust_name_of_old(rotation), estate);
  take(after_, trust_name_of_new(rotation), estate);
  if (before_.keys.empty()) unready_ = "no certificate could be read in the files of `from`";
  else if (after_.keys.empty()) unready_ = "no certificate could be read in the files of `to`";
  else if (std::ranges::any_of(before_.keys, [&](std::uint64_t key) { return after_.keys.contains(key); }))
    unready_ = "`from` and `to` hold a CA of the same key";
}

void RotationSides::take(Ca& ca, const std::string& store, const Estate& estate) {
  for (const auto& trust : estate.trusts()) {
    if (trust->name != store) continue;
    for (const CertificatePtr& certificate : trust->certificates) {
      ca.keys.insert(certificate->key_digest());
      ca.names.emplace(certificate->subject());
      if (certificate->self_issued()) continue;
      for (const Above& above : known_.above({certificate->issuer(), certificate->authority_key_identifier()})) {
        ca.names_above.emplace(above.issuer);
        if (above.certificate) ca.keys_above.insert(above.certificate->key_digest());
      }
    }
  }
}

// The nearest of either decides: a new CA may be signed by the old one for the time between.
Side RotationSides::of(const std::vector<Above>& above) const {
  for (const Above& one : above) {
    if (one.certificate) {
      if (before_.keys.contains(one.certificate->key_digest())) return Side::before;
      if (after_.keys.contains(one.certificate->key_digest())) return Side::after;
    } else if (before_.names.contains(one.issuer) || after_.names.contains(one.issuer)) {
      return Side::unclear;  // of the name, and which key it is cannot be told
    }
  }
  return Side::neither;
}

Side RotationSides::of(const Certificate& leaf, const ChainJudgement* chain) const { return of(known_.above(leaf, chain)); }
Side RotationSides::of(NamedIssuer issuer) const { return of(known_.above(issuer)); }

Taken RotationSides::by(const std::vector<CertificatePtr>& store) const {
  const auto holds = [&](const std::set<std::uint64_t>& keys) {
    return std::ranges::any_of(store, [&](const CertificatePtr& one) { return keys.contains(one->key_digest()); });
  };
  const bool itself = holds(before_.keys);
  return {.before = itself || holds(before_.keys_above),
          .after = holds(after_.keys) || holds(after_.keys_above),
          .before_itself = itself};
}

// A list has names alone: one that both CAs bear tells nothing, nor does one that was cut off.
Takes RotationSides::takes(const Ca& ca, const Ca& other, const AcceptableAuthorities& list) {
  bool ambiguous = false;
  for (const std::string& name : list.names) {
    if (!ca.names.contains(name) && !ca.names_above.contains(name)) continue;
    if (!other.names.contains(name) || ca.names_above.contains(name)) return true;
    ambiguous = true;
  }
  if (ambiguous || list.count == 0 || list.count > list.names.size()) return std::nullopt;
  return false;
}

Taken RotationSides::by(const AcceptableAuthorities& list) const {
  const auto names_it = [&](const std::string& name) { return before_.names.contains(name) && !after_.names.contains(name); };
  return {.before = takes(before_, after_, list),
          .after = takes(after_, before_, list),
          .before_itself = std::ranges::any_of(list.names, names_it)};
}

}  // namespace exporter
