#include "probes/chain/revocation.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "probes/chain/remote_revocation.h"
#include "probes/chain/verdict.h"
#include "probes/revocation/ocsp.h"
#include "probes/tls/certificate_facts.h"

namespace probes::chain {

using observations::Finding;
using observations::RevocationAnswer;
using observations::RevocationStatus;

namespace {

// The issuers that lists may have besides those of the path: few lists, if any, and fewer authorities.
constexpr std::size_t most_others = 64;

struct Asking {
  std::span<X509* const> received;
  const TrustStore& trust;
  const JudgeOptions& options;
};

bool names_a_list(X509* certificate, const revocation::Lists& lists) {
  return std::ranges::any_of(lists.all(), [&](const revocation::NamedList& named) {
    return X509_NAME_cmp(X509_get_subject_name(certificate), named.list->issuer()) == 0;
  });
}

// Certificates sent and anchors that bear the name of a list's issuer.
std::vector<X509*> possible_issuers(std::span<X509* const> received, const TrustStore& trust, const revocation::Lists& lists) {
  std::vector<X509*> found;
  const auto consider = [&](X509* certificate) {
    if (found.size() < most_others && names_a_list(certificate, lists)) found.push_back(certificate);
  };
  for (X509* certificate : received) consider(certificate);
  for (const tls::Ptr<X509>& anchor : trust.anchors()) consider(anchor.get());
  return found;
}

// RFC 5280 6.3.3 (f): the issuer of a list is trusted as the certificate is, by the same anchor, and not revoked itself. Lists
// that vouch for the issuers of lists come from the path alone, or there would be no end.
bool vouched(X509* issuer, X509* anchor, const Asking& asking) {
  JudgeOptions options = asking.options;
  options.purpose = Purpose::any;
  std::vector<X509*> chain = {issuer};
  chain.insert(chain.end(), asking.received.begin(), asking.received.end());
  const Verdict outcome = verdict(chain, asking.trust.store(), options);
  if (outcome.code != X509_V_OK || outcome.chain.empty() || X509_cmp(outcome.chain.back().get(), anchor) != 0) return false;
  Issuance::Path path;
  for (const tls::Ptr<X509>& certificate : outcome.chain) path.push_back(certificate.get());
  const revocation::Inquiry inquiry{.path = path, .others = {}, .vouched = {}, .at = options.at};
  for (std::size_t index = 0; index + 1 < path.size(); ++index)
    if (asking.trust.lists().ask(inquiry, index).answer.status == RevocationStatus::revoked) return false;
  return true;
}

std::optional<int> position_of(X509* certificate, std::span<X509* const> received) {
  for (std::size_t index = 0; index < received.size(); ++index)
    if (X509_cmp(received[index], certificate) == 0) return static_cast<int>(index);
  return std::nullopt;
}

// Collects answers, and what they mean.
class Answers {
 public:
  Answers(const Issuance::Path& path, std::span<X509* const> received) : path_(path), received_(received) {}

  void take(revocation::DatedAnswer dated) {
    found_.from = std::max(found_.from, dated.from);
    found_.until = std::min(found_.until, dated.until);
    if (dated.answer.status == RevocationStatus::revoked)
      found_.problems.push_back(problem(Finding::revoked, dated.answer.depth, described(dated.answer)));
    found_.answers.push_back(std::move(dated.answer));
  }
  void promised_and_missing() {
    found_.problems.push_back(
        problem(Finding::staple_missing, 0, "the certificate says that its server staples, and no staple came"));
  }
  void nobody_to_ask() {
    found_.answers.push_back({.method = observations::RevocationMethod::ocsp,
                              .status = RevocationStatus::unknown,
                              .certificate = tls::remembered_facts(path_.front()),
                              .source = {},
                              .until = {},
                              .revoked_at = {},
                              .detail = "the certificate names no responder"});
  }
  RevocationOfPath found() && { return std::move(found_); }

 private:
  observations::Problem problem(Finding finding, std::size_t depth, std::string detail) const {
    return {finding, observations::row(finding).severity, position_of(path_[depth], received_), std::move(detail)};
  }

  const Issuance::Path& path_;
  std::span<X509* const> received_;
  RevocationOfPath found_;
};

revocation::DatedAnswer ask(const revocation::Lists& lists, const Issuance::Path& path, const Asking& asking, std::size_t index) {
  const std::vector<X509*> others = possible_issuers(asking.received, asking.trust, lists);
  const revocation::Inquiry inquiry{.path = path,
                                    .others = others,
                                    .vouched = [&](X509* issuer) { return vouched(issuer, path.back(), asking); },
                                    .at = asking.options.at};
  return lists.ask(inquiry, index);
}

bool settled(const RevocationAnswer& answer) {
  return answer.status == RevocationStatus::good || answer.status == RevocationStatus::revoked;
}

// The trust store's lists and those that the certificate's distribution points have. Where one of these cannot be had, what is
// not known is not to be had.
revocation::DatedAnswer ask_everywhere(const Issuance::Path& path, const Asking& asking, std::size_t index,
                                       RemoteRevocation& remote) {
  RemoteAnswer fetched = remote.lists_for(index);
  revocation::Lists all = asking.trust.lists();
  for (revocation::NamedList& named : fetched.lists) all.add(std::move(named));
  revocation::DatedAnswer found = ask(all, path, asking, index);
  if (found.answer.status == RevocationStatus::unknown && fetched.unavailable) found.answer = std::move(*fetched.unavailable);
  return found;
}

void ask_lists(const Issuance::Path& path, const Asking& asking, RemoteRevocation* remote, Answers& answers) {
  const bool fetches = remote != nullptr && asking.options.wanted.lists;
  if (asking.trust.lists().empty() && !fetches) return;
  for (std::size_t index = 0; index + 1 < path.size(); ++index) {
    revocation::DatedAnswer found = ask(asking.trust.lists(), path, asking, index);
    if (fetches && !settled(found.answer)) found = ask_everywhere(path, asking, index, *remote);
    answers.take(std::move(found));
  }
}

void ask_responders(const Issuance::Path& path, RemoteRevocation& remote, Answers& answers) {
  for (std::size_t index = 0; index + 1 < path.size(); ++index) {
    auto found = remote.answer_for(index);
    if (found) answers.take(std::move(*found));
    else if (index == 0) answers.nobody_to_ask();
  }
}

void read_staple(const Issuance::Path& path, std::string_view staple, std::chrono::sys_seconds at, Answers& answers) {
  if (staple.empty()) {
    if (revocation::must_staple(path.front())) answers.promised_and_missing();
    return;
  }
  answers.take(
      revocation::read_answer(staple, {.certificate = path[0], .issuer = path[1], .at = at, .source = "the server's staple"}));
}

}  // namespace

RevocationOfPath revocation_of(const Issuance::Path& path, std::span<X509* const> received, const TrustStore& trust,
                               const JudgeOptions& options) {
  Answers answers(path, received);
  std::optional<RemoteRevocation> remote;
  if (options.remote != nullptr && path.size() > 1) remote.emplace(path, options);
  if (options.lists && !path.empty()) ask_lists(path, {received, trust, options}, remote ? &*remote : nullptr, answers);
  if (options.staple && path.size() > 1) read_staple(path, *options.staple, options.at, answers);
  if (remote && options.wanted.answers) ask_responders(path, *remote, answers);
  RevocationOfPath found = std::move(answers).found();
  if (!remote) return found;
  found.tickets = remote->tickets();
  found.pending = remote->pending();
  return found;
}

}  // namespace probes::chain
