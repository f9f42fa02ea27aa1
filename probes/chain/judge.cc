#include "probes/chain/judge.h"

#include <openssl/err.h>

#include <algorithm>
#include <string>

#include "probes/chain/certificate_findings.h"
#include "probes/chain/chain_findings.h"
#include "probes/chain/dated_judgement.h"
#include "probes/chain/issuance.h"
#include "probes/chain/revocation.h"
#include "probes/chain/verdict.h"
#include "probes/tls/certificate_facts.h"
#include "probes/tls/made.h"

namespace probes::chain {

using observations::ChainJudgement;
using observations::Problem;

namespace {

Issuance::Path borrowed(const std::vector<tls::Ptr<X509>>& chain) {
  Issuance::Path path;
  for (const tls::Ptr<X509>& certificate : chain) path.push_back(certificate.get());
  return path;
}

// Would OpenSSL accept exactly this path? Constraints that span a path (lengths, names) are beyond the graph's sight.
bool holds_alone(const Issuance::Path& path, const JudgeOptions& options) {
  const tls::Ptr<X509_STORE> store = tls::made(X509_STORE_new());
  X509_STORE_add_cert(store.get(), path.back());
  return verdict(path, store.get(), options).code == X509_V_OK;
}

// The path whose expiry counts: the longest-lived one, unless OpenSSL accepts the chain by another path only.
Issuance::Path counted_path(Issuance& issuance, const Verdict& verdict, const JudgeOptions& options) {
  Issuance::Path longest = issuance.longest_lived(options.at);
  if (verdict.code != X509_V_OK) return longest;
  if (longest.empty() || !holds_alone(longest, options)) return borrowed(verdict.chain);
  return longest;
}

std::vector<Objection> objections_to(std::span<X509* const> received, const TrustStore& trust, const JudgeOptions& options,
                                     const Verdict& verdict) {
  if (verdict.code == X509_V_OK) return {};
  std::vector<Objection> noted = objections(received, trust.store(), options);
  const bool seen = std::any_of(noted.begin(), noted.end(), [&](const Objection& one) { return one.code == verdict.code; });
  if (!seen) noted.push_back({verdict.code, nullptr});
  return noted;
}

// Absent as well where one of them has an end that cannot be read: it may be the earliest.
std::optional<std::chrono::sys_seconds> earliest_end(const Issuance::Path& path) {
  if (path.empty()) return std::nullopt;
  observations::Date earliest = tls::remembered_facts(path.front())->not_after();
  for (X509* certificate : path) earliest = observations::earlier(earliest, tls::remembered_facts(certificate)->not_after());
  return earliest ? std::optional(*earliest) : std::nullopt;
}

bool among(X509* certificate, std::span<X509* const> others) {
  return std::ranges::any_of(others, [&](X509* other) { return X509_cmp(other, certificate) == 0; });
}

// What OpenSSL took from the store and did not have to: another of the name, as old and new roots have it.
X509* taken_from_store(std::span<X509* const> received, const Issuance::Path& path, const Verdict& refused) {
  for (const tls::Ptr<X509>& certificate : refused.chain)
    if (!among(certificate.get(), received) && !among(certificate.get(), path)) return certificate.get();
  return nullptr;
}

// Whether OpenSSL refuses a chain of which it accepts `path`, by which others go, when it is given that alone. Asked only of
// chains that were refused.
std::optional<OtherPath> other_path(std::span<X509* const> received, const Issuance::Path& path, const TrustStore& trust,
                                    const Verdict& refused, const JudgeOptions& options) {
  if (refused.code == X509_V_OK || path.empty() || !holds_alone(path, options)) return std::nullopt;
  std::vector<X509*> of_the_path;
  X509* misleading = nullptr;
  for (X509* certificate : received) {
    if (among(certificate, path)) of_the_path.push_back(certificate);
    else if (misleading == nullptr) misleading = certificate;
  }
  const bool suffices = misleading != nullptr && verdict(of_the_path, trust.store(), options).code == X509_V_OK;
  return OtherPath{suffices ? misleading : nullptr, suffices ? nullptr : taken_from_store(received, path, refused)};
}

// The way on which OpenSSL would not turn back: one without what it objects to, if there is any. The graph knows dates and
// signatures, and not what is too weak or not allowed.
Issuance::Path unobjectionable(std::span<X509* const> received, const TrustStore& trust, const JudgeOptions& options) {
  constexpr int most_tries = 8;
  Issuance issuance(received, trust, (options.flags & X509_V_FLAG_PARTIAL_CHAIN) != 0);
  for (int tries = 0; tries < most_tries; ++tries) {
    Issuance::Path path = issuance.longest_lived(options.at);
    if (path.empty() || holds_alone(path, options)) return path;
    const tls::Ptr<X509_STORE> store = tls::made(X509_STORE_new());
    X509_STORE_add_cert(store.get(), path.back());
    bool struck = false;
    for (const Objection& objection : objections(path, store.get(), options)) {
      X509* certificate = objection.certificate.get();
      if (certificate == nullptr || X509_cmp(certificate, path.front()) == 0) continue;
      issuance.strike(certificate);
      struck = true;
    }
    if (!struck) return {};
  }
  return {};
}

void append(std::vector<Problem>& problems, std::vector<Problem> more) {
  problems.insert(problems.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Each certificate once, in the order sent, then the anchor if it was not sent.
std::vector<Problem> problems_of_certificates(std::span<X509* const> received, const Issuance::Path& path,
                                              const JudgeOptions& options) {
  using Role = Examined::Role;
  std::vector<Problem> problems;
  const auto seen_before = [&](X509* certificate, std::size_t count) {
    return std::any_of(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](X509* one) { return X509_cmp(one, certificate) == 0; });
  };
  for (std::size_t index = 0; index < received.size(); ++index) {
    if (seen_before(received[index], index)) continue;
    const observations::CertificatePtr facts = tls::remembered_facts(received[index]);
    const Role role = index == 0 ? Role::leaf : Role::authority;
    append(problems, certificate_problems({received[index], *facts, role, options}, static_cast<int>(index)));
  }
  if (path.empty() || seen_before(path.back(), received.size())) return problems;
  const observations::CertificatePtr facts = tls::remembered_facts(path.back());
  append(problems, certificate_problems({path.back(), *facts, Role::anchor, options}, static_cast<int>(received.size())));
  return problems;
}

// Drops what the operator does not want to hear, and repetitions.
std::vector<Problem> reported(std::vector<Problem> problems, const std::vector<std::string>& ignore) {
  std::vector<Problem> kept;
  for (Problem& problem : problems) {
    const bool ignored = std::find(ignore.begin(), ignore.end(), observations::word(problem.finding)) != ignore.end();
    const bool repeated = std::any_of(kept.begin(), kept.end(), [&](const Problem& one) {
      return one.finding == problem.finding && one.position == problem.position;
    });
    if (!ignored && !repeated) kept.push_back(std::move(problem));
  }
  return kept;
}

void refuse(ChainJudgement& judgement, int code) {
  judgement.valid = false;
  judgement.verify_code = code;
  judgement.verify_text = X509_verify_cert_error_string(code);
}

// The nearest dates of the graph's certificates on either side of `at`.
void bound(DatedJudgement& dated, const Issuance& issuance, std::chrono::sys_seconds at) {
  for (X509* certificate : issuance.certificates()) {
    const observations::CertificatePtr facts = tls::remembered_facts(certificate);
    for (const observations::Date date : {facts->not_before(), facts->not_after()}) {
      if (!date) continue;
      if (*date <= at) dated.from = std::max(dated.from, *date);
      else dated.until = std::min(dated.until, *date);
    }
  }
}

}  // namespace

bool dear(std::span<X509* const> received) {
  constexpr std::size_t usual_length = 8;
  constexpr int usual_bytes = 16 << 10;
  constexpr int usual_key_bits = 4096;
  int bytes = 0;
  return received.size() > usual_length || std::ranges::any_of(received, [&](X509* certificate) {
           bytes += i2d_X509(certificate, nullptr);
           return bytes > usual_bytes || tls::remembered_facts(certificate)->key_bits() > usual_key_bits;
         });
}

DatedJudgement dated_judgement(std::span<X509* const> received, const TrustStore& trust, const JudgeOptions& asked) {
  JudgeOptions options = asked;
  if (trust.partial_chain()) options.flags |= X509_V_FLAG_PARTIAL_CHAIN;
  const Verdict outcome = verdict(received, trust.store(), options);
  Issuance issuance(received, trust, (options.flags & X509_V_FLAG_PARTIAL_CHAIN) != 0);
  Issuance::Path trusted = counted_path(issuance, outcome, options);
  const Issuance::Path without_objection =
      outcome.code == X509_V_OK || trusted.empty() ? Issuance::Path() : unobjectionable(received, trust, options);
  if (!without_objection.empty()) trusted = without_objection;
  const auto made = std::make_shared<ChainJudgement>();
  made->valid = outcome.code == X509_V_OK;
  made->verify_code = outcome.code;
  made->verify_text = X509_verify_cert_error_string(outcome.code);
  made->expiry = earliest_end(trusted);

  const Issuance::Path by_name = issuance.by_name();
  made->complete = made->valid || !by_name.empty();
  const Issuance::Path path = !trusted.empty() ? trusted : made->complete ? by_name : issuance.dead_end();
  for (X509* certificate : path) made->path.push_back(tls::remembered_facts(certificate));
  const std::vector<Objection> noted = objections_to(received, trust, options, outcome);
  const std::optional<OtherPath> other = other_path(received, trusted, trust, outcome, options);
  std::vector<Problem> problems =
      chain_problems({received, trust, options.at, noted, path, made->complete, other ? &*other : nullptr});
  RevocationOfPath revocation = revocation_of(made->valid ? borrowed(outcome.chain) : trusted, received, trust, options);
  const bool revoked =
      std::ranges::any_of(revocation.problems, [](const Problem& one) { return one.finding == observations::Finding::revoked; });
  if (made->valid && revoked) refuse(*made, X509_V_ERR_CERT_REVOKED);
  made->revocation = std::move(revocation.answers);
  if (revocation.until != std::chrono::sys_seconds::max()) made->revocation_until = revocation.until;
  append(problems, std::move(revocation.problems));
  append(problems, problems_of_certificates(received, made->complete ? path : Issuance::Path(), options));
  made->problems = reported(std::move(problems), options.ignore);

  made->revocation_pending = revocation.pending;

  DatedJudgement dated{made, revocation.from, revocation.until, std::move(revocation.tickets)};
  bound(dated, issuance, options.at);
  ERR_clear_error();
  return dated;
}

observations::ChainJudgementPtr judge(std::span<X509* const> received, const TrustStore& trust, const JudgeOptions& options) {
  return dated_judgement(received, trust, options).judgement;
}

}  // namespace probes::chain
