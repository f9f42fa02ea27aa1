#include "probes/revocation/scope.h"

namespace probes::revocation {

namespace {

Reasons bits(const ASN1_BIT_STRING* reasons) {
  if (reasons == nullptr) return all_reasons;
  Reasons found = 0;
  if (reasons->length > 0) found |= reasons->data[0];
  if (reasons->length > 1) found |= static_cast<Reasons>(reasons->data[1]) << 8;
  return found & all_reasons;
}

bool holds(const GENERAL_NAMES* names, GENERAL_NAME* wanted) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i)
    if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(names, i), wanted) == 0) return true;
  return false;
}

bool holds(const GENERAL_NAMES* names, const X509_NAME* wanted) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(names, i);
    if (one->type == GEN_DIRNAME && X509_NAME_cmp(one->d.directoryName, wanted) == 0) return true;
  }
  return false;
}

// Both name the same place; one that names none is content with any.
bool same_place(const DIST_POINT_NAME* one, const DIST_POINT_NAME* other) {
  if (one == nullptr || other == nullptr) return true;
  const bool relative = one->type == 1, other_relative = other->type == 1;
  if (relative && other_relative)
    return one->dpname != nullptr && other->dpname != nullptr && X509_NAME_cmp(one->dpname, other->dpname) == 0;
  if (relative) return one->dpname != nullptr && holds(other->name.fullname, one->dpname);
  if (other_relative) return other->dpname != nullptr && holds(one->name.fullname, other->dpname);
  for (int i = 0; i < sk_GENERAL_NAME_num(one->name.fullname); ++i)
    if (holds(other->name.fullname, sk_GENERAL_NAME_value(one->name.fullname, i))) return true;
  return false;
}

bool is_for_this_kind(const ISSUING_DIST_POINT& scope, X509* certificate) {
  if (scope.onlyattr > 0) return false;
  const bool authority = (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
  return authority ? scope.onlyuser <= 0 : scope.onlyCA <= 0;
}

// RFC 5280 4.2.1.13: without a cRLIssuer the issuer of the certificate issues the list.
bool names_issuer(const DIST_POINT& point, const List& list, bool own_issuer) {
  return point.CRLissuer == nullptr ? own_issuer : holds(point.CRLissuer, list.issuer());
}

}  // namespace

DistributionPoints distribution_points(const X509* certificate) {
  DistributionPoints points(
      static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)),
      CRL_DIST_POINTS_free);
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (point->distpoint == nullptr || point->distpoint->type != 1) continue;
    const X509_NAME* issuer = X509_get_issuer_name(certificate);
    for (int at = 0; at < sk_GENERAL_NAME_num(point->CRLissuer); ++at)
      if (const GENERAL_NAME* name = sk_GENERAL_NAME_value(point->CRLissuer, at); name->type == GEN_DIRNAME) {
        issuer = name->d.directoryName;
        break;
      }
    (void)DIST_POINT_set_dpname(point->distpoint, issuer);
  }
  return points;
}

Reasons covered_reasons(const List& list, X509* certificate, const CRL_DIST_POINTS* points) {
  const bool own_issuer = X509_NAME_cmp(X509_get_issuer_name(certificate), list.issuer()) == 0;
  if (!own_issuer && !list.indirect()) return 0;
  const ISSUING_DIST_POINT* scope = list.scope();
  if (scope != nullptr && !is_for_this_kind(*scope, certificate)) return 0;
  const Reasons told = scope == nullptr ? all_reasons : bits(scope->onlysomereasons);
  for (int i = 0; i < sk_DIST_POINT_num(points); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points, i);
    if (!names_issuer(*point, list, own_issuer)) continue;
    if (scope == nullptr || same_place(point->distpoint, scope->distpoint)) return told & bits(point->reasons);
  }
  const bool everything = scope == nullptr || scope->distpoint == nullptr;
  return everything && own_issuer ? told : 0;
}

bool updates(const List& delta, const List& base) {
  if (delta.base_number() == nullptr || delta.crl_number() == nullptr || base.crl_number() == nullptr) return false;
  return X509_NAME_cmp(delta.issuer(), base.issuer()) == 0 && delta.key_identifier_der() == base.key_identifier_der() &&
         delta.scope_der() == base.scope_der() && ASN1_INTEGER_cmp(delta.base_number(), base.crl_number()) <= 0 &&
         ASN1_INTEGER_cmp(delta.crl_number(), base.crl_number()) > 0;
}

}  // namespace probes::revocation
