#include "probes/revocation/lists.h"

#include <openssl/err.h>

#include <algorithm>

#include "probes/revocation/scope.h"
#include "probes/tls/certificate_facts.h"

namespace probes::revocation {

using observations::RevocationAnswer;
using observations::RevocationMethod;
using observations::RevocationStatus;

namespace {

// RFC 5280 6.3.3 (f): whoever restricts a key says whether it may sign lists.
bool may_sign_lists(X509* issuer) { return (X509_get_key_usage(issuer) & KU_CRL_SIGN) != 0; }

bool in_force(const List& list, std::chrono::sys_seconds at) {
  return list.this_update() <= at && (!list.next_update() || at < *list.next_update());
}

// One certificate and the lists that may speak for it.
class Question {
 public:
  Question(const std::vector<NamedList>& lists, const Inquiry& inquiry, std::size_t index)
      : lists_(lists), inquiry_(inquiry), index_(index), points_(distribution_points(certificate())) {
    found_.answer.method = RevocationMethod::crl;
    found_.answer.certificate = tls::remembered_facts(certificate());
    found_.answer.depth = index;
  }

  DatedAnswer answered() && {
    std::vector<Candidate> candidates = usable();
    std::ranges::sort(candidates, [](const Candidate& one, const Candidate& other) {
      return one.named->list->this_update() > other.named->list->this_update();
    });
    Reasons covered = 0;
    for (const Candidate& candidate : candidates) {
      if ((candidate.reasons & ~covered) == 0) continue;
      covered |= candidate.reasons;
      look_into(candidate);
      if (found_.answer.status == RevocationStatus::revoked) return std::move(found_);
    }
    conclude(covered);
    return std::move(found_);
  }

 private:
  struct Candidate {
    const NamedList* named = nullptr;
    Reasons reasons = 0;
    X509* issuer = nullptr;  // whose key signed it
  };

  X509* certificate() const { return inquiry_.path[index_]; }

  // Notes the first list that speaks for the certificate and cannot be used.
  void unusable(const NamedList& named, std::string why) {
    if (!unusable_) unusable_ = {&named, std::move(why)};
  }

  std::vector<Candidate> usable() {
    std::vector<Candidate> candidates;
    for (const NamedList& named : lists_) {
      const List& list = *named.list;
      if (list.base_number() != nullptr) continue;  // deltas are looked for beside their base
      const Reasons reasons = covered_reasons(list, certificate(), points_.get());
      if (reasons == 0) continue;
      X509* const issuer = issuer_of(named);
      if (issuer == nullptr) continue;
      bound(list);
      if (!list.understood()) unusable(named, "it has a critical extension that is not understood");
      else if (list.this_update() > inquiry_.at) unusable(named, "it begins at " + observations::minute_text(list.this_update()));
      else if (!in_force(list, inquiry_.at)) unusable(named, "it lapsed at " + observations::minute_text(*list.next_update()));
      else candidates.push_back({&named, reasons, issuer});
    }
    return candidates;
  }

  // Who signed the list: an authority above the certificate on its path, or another one of that name which is trusted. Null: the
  // list is of another key; where it claims this one's, that is noted.
  X509* issuer_of(const NamedList& named) {
    const List& list = *named.list;
    bool claimed = false;
    std::string why = "it is not signed by its issuer";
    const auto fits = [&](X509* issuer) {
      return X509_NAME_cmp(X509_get_subject_name(issuer), list.issuer()) == 0 && matches_key_identifier(issuer, list);
    };
    const auto signs = [&](X509* issuer) {
      if (!list.signed_by(X509_get0_pubkey(issuer))) return false;
      if (!may_sign_lists(issuer)) why = "its issuer's key may not sign revocation lists";
      return may_sign_lists(issuer);
    };
    for (std::size_t above = index_ + 1; above < inquiry_.path.size(); ++above) {
      X509* const issuer = inquiry_.path[above];
      if (!fits(issuer)) continue;
      if (signs(issuer)) return issuer;
      claimed = true;
    }
    for (X509* other : inquiry_.others) {
      if (!fits(other) || !signs(other)) continue;
      if (inquiry_.vouched && inquiry_.vouched(other)) return other;
      return nullptr;  // of somebody else of that name
    }
    if (claimed) unusable(named, why);
    return nullptr;
  }

  static bool matches_key_identifier(X509* issuer, const List& list) {
    return list.key_identifier() == nullptr || X509_check_akid(issuer, list.key_identifier()) == X509_V_OK;
  }

  void look_into(const Candidate& candidate) {
    const List& base = *candidate.named->list;
    const NamedList* said = candidate.named;
    std::optional<Entry> entry = find_in(base);
    if (const NamedList* delta = newest_delta(candidate)) {
      bound(*delta->list);
      if (const auto changed = find_in(*delta->list)) {
        entry = changed;
        said = delta;
      }
    }
    RevocationAnswer& answer = found_.answer;
    // RFC 5280 5.3.1: removeFromCRL takes back a hold.
    if (!entry || entry->reason == observations::RevocationReason::remove_from_crl) {
      if (answer.source.empty()) answer.source = said->source;
      if (base.next_update()) answer.until = std::min(answer.until.value_or(*base.next_update()), *base.next_update());
      return;
    }
    answer.status = RevocationStatus::revoked;
    answer.source = said->source;
    answer.until = said->list->next_update();
    answer.reason = entry->reason;
    answer.revoked_at = entry->at;
  }

  std::optional<Entry> find_in(const List& list) const {
    return list.find(X509_get_issuer_name(certificate()), X509_get0_serialNumber(certificate()));
  }

  const NamedList* newest_delta(const Candidate& candidate) {
    const NamedList* newest = nullptr;
    for (const NamedList& named : lists_) {
      const List& delta = *named.list;
      if (!updates(delta, *candidate.named->list) || !delta.signed_by(X509_get0_pubkey(candidate.issuer))) continue;
      bound(delta);
      if (!delta.understood() || !in_force(delta, inquiry_.at)) continue;
      if (newest == nullptr || ASN1_INTEGER_cmp(delta.crl_number(), newest->list->crl_number()) > 0) newest = &named;
    }
    return newest;
  }

  // A list that tells of some reasons only leaves the others open.
  void conclude(Reasons covered) {
    RevocationAnswer& answer = found_.answer;
    answer.status = covered == all_reasons ? RevocationStatus::good
                    : unusable_            ? RevocationStatus::unavailable
                                           : RevocationStatus::unknown;
    if (covered == all_reasons) return;
    answer.source = unusable_ ? unusable_->first->source : "";
    answer.until = unusable_ ? unusable_->first->list->next_update() : std::nullopt;
    if (unusable_) answer.detail = unusable_->second;
    else
      answer.detail = covered == 0 ? "no list of its issuer speaks for it" : "the lists of its issuer tell of some reasons only";
  }

  void bound(const List& list) {
    const auto turn = [&](std::chrono::sys_seconds date) {
      if (date <= inquiry_.at) found_.from = std::max(found_.from, date);
      else found_.until = std::min(found_.until, date);
    };
    turn(list.this_update());
    if (list.next_update()) turn(*list.next_update());
  }

  const std::vector<NamedList>& lists_;
  const Inquiry& inquiry_;
  const std::size_t index_;
  const DistributionPoints points_;
  DatedAnswer found_;
  std::optional<std::pair<const NamedList*, std::string>> unusable_;
};

}  // namespace

DatedAnswer Lists::ask(const Inquiry& inquiry, std::size_t index) const {
  DatedAnswer answer = Question(lists_, inquiry, index).answered();
  ERR_clear_error();
  return answer;
}

}  // namespace probes::revocation
