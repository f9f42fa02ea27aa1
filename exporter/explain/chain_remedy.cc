#include <algorithm>

#include "exporter/explain/phrases.h"
#include "exporter/explain/remedy.h"
#include "probes/observations/unreadable.h"

namespace exporter::explain {

using probes::observations::Certificate;
using probes::observations::ChainJudgement;
using probes::observations::Finding;
using probes::observations::Handshake;
using probes::observations::Problem;
using probes::observations::RevocationAnswer;
using probes::observations::RevocationStatus;
using probes::observations::Severity;

namespace {

// The certificate a problem is about; the leaf for those of the chain as a whole.
const Certificate& concerned(const Problem& problem, const Handshake& seen) {
  if (problem.certificate) return *problem.certificate;
  const auto position = static_cast<std::size_t>(problem.position.value_or(0));
  if (position < seen.certificates.size()) return *seen.certificates[position];
  return seen.chain->path.empty() ? *seen.certificates.front() : *seen.chain->path.back();
}

std::string end_of_path(const ChainJudgement& chain, const Handshake& seen) {
  return subject_name(chain.path.empty() ? *seen.certificates.back() : *chain.path.back());
}

std::string missing_intermediate(const Handshake& seen, const Asked& asked) {
  const auto& path = seen.chain->path;
  const Certificate& last = path.empty() ? *seen.certificates.front() : *path.back();
  const std::string missing = last.self_issued() ? "the intermediates" : "the certificate of " + issuer_name(last);
  return "Add " + missing + " to the chain that " + target_name(asked) + " sends.";
}

std::string untrusted_root(const Handshake& seen, const Asked& asked) {
  return "Have " + target_name(asked) + " use a certificate of a CA in " + trust_words(asked) + ", or add " +
         end_of_path(*seen.chain, seen) + " to that store.";
}

// "Old Root expired on 2024-09-30".
std::string dated(const Problem& problem, const Certificate& certificate) {
  if (problem.finding == Finding::expired) return subject_name(certificate) + " expired on " + date(certificate.not_after());
  return subject_name(certificate) + " is not valid before " + date(certificate.not_before());
}

// The store is ours to mend: servers need not send a root.
std::string anchor_not_root(const Handshake& seen, const Asked& asked) {
  const Certificate& last = seen.chain->path.empty() ? *seen.certificates.back() : *seen.chain->path.back();
  const std::string root = last.self_issued() ? subject_name(last) : issuer_name(last);
  return "Add the root " + root + " to " + trust_words(asked) +
         ", or set `partial_chain: true` on that trust store: " + "it holds a part of the chain, and that part is no root.";
}

std::string expired(const Problem& problem, const Handshake& seen, const Asked& asked) {
  const Certificate& certificate = concerned(problem, seen);
  if (problem.certificate)
    return dated(problem, certificate) + " and stands in " + trust_words(asked) + ". Renew it there, or have " +
           target_name(asked) + " use a certificate of another CA of that store.";
  return "Renew " + subject_name(certificate) + " at " + target_name(asked) + ": it is valid from " +
         date(certificate.not_before()) + " to " + date(certificate.not_after()) + ".";
}

// " (key_compromise) on 2026-11-28", as the answer has it that made it a finding.
std::string revocation_words(const Handshake& seen, const Problem& problem) {
  for (const RevocationAnswer& answer : seen.chain->revocation)
    if (answer.status == RevocationStatus::revoked &&
        answer.certificate->fingerprint_sha256() == concerned(problem, seen).fingerprint_sha256())
      return " (" + std::string(word(answer.reason)) + ")" + (answer.revoked_at ? " on " + date(*answer.revoked_at) : "");
  return "";
}

std::string revoked(const Problem& problem, const Handshake& seen, const Asked& asked) {
  const Certificate& certificate = concerned(problem, seen);
  return "Replace " + subject_name(certificate) + " (serial " + safe(certificate.serial()) + ") at " + target_name(asked) +
         ": its CA revoked it" + revocation_words(seen, problem) + ". Nothing that checks revocation accepts it.";
}

// OpenSSL does not go back to where it had the choice. `refused`: what it has against the path that it took.
std::string other_path(const Problem& other, const Problem& refused, const Handshake& seen, const Asked& asked) {
  const std::string target = target_name(asked), anchor = subject_name(*seen.chain->path.back());
  const bool by_date = refused.finding == Finding::expired || refused.finding == Finding::not_yet_valid;
  const std::string why = by_date ? dated(refused, concerned(refused, seen)) : safe(refused.detail);
  std::string text = "The chain of " + target + " holds by " + anchor + ", and OpenSSL takes another path: " + why + ". ";
  if (other.position) {
    const Certificate& misleading = concerned(other, seen);
    return text + "Have " + target + " send its chain without " + subject_name(misleading) + " as issued by " +
           issuer_name(misleading) + ".";
  }
  // Two CAs of one name, and no key identifiers to tell them apart: OpenSSL tries one of them.
  if (other.certificate && !refused.certificate)
    return text + "Take the other " + subject_name(*other.certificate) + " (serial " + safe(other.certificate->serial()) +
           ", valid from " + date(other.certificate->not_before()) + ") out of " + trust_words(asked) +
           ", or have the CA issue with key identifiers: OpenSSL tries one CA of a name.";
  if (refused.certificate)
    return text + "Take " + subject_name(*refused.certificate) + ", and what it issued, out of " + trust_words(asked) + ".";
  return text + "Have " + target + " send the certificates of the path to " + anchor + " and no others.";
}

std::string unreadable(const Problem& problem, const Handshake& seen, const Asked& asked) {
  const Certificate& certificate = concerned(problem, seen);
  return "Issue " + subject_name(certificate) + " of " + target_name(asked) + " anew: its " +
         probes::observations::unreadable_dates(certificate) + " cannot be read.";
}

std::string invalid(const Problem& problem, const Handshake& seen, const Asked& asked) {
  const auto& problems = seen.chain->problems;
  const auto other = std::find_if(problems.begin(), problems.end(),
                                  [](const Problem& one) { return one.finding == Finding::another_path_is_valid; });
  if (other != problems.end() && !seen.chain->path.empty()) return other_path(*other, problem, seen, asked);
  switch (problem.finding) {
    case Finding::missing_intermediate: return missing_intermediate(seen, asked);
    case Finding::anchor_not_root: return anchor_not_root(seen, asked);
    case Finding::untrusted_root:
    case Finding::self_signed: return untrusted_root(seen, asked);
    case Finding::expired:
    case Finding::not_yet_valid: return expired(problem, seen, asked);
    case Finding::revoked: return revoked(problem, seen, asked);
    default:
      if (!probes::observations::unreadable_dates(concerned(problem, seen)).empty()) return unreadable(problem, seen, asked);
      return "Issue " + subject_name(concerned(problem, seen)) + " of " + target_name(asked) +
             " anew, without what is found wrong here: " + std::string(word(problem.finding)) + ".";
  }
}

std::string wrong_name(const Handshake& seen, const Asked& asked) {
  const std::string names = joined_names(*seen.certificates.front());
  return "Issue the certificate of " + target_name(asked) + " for " + server_name(asked) + " too (it is for " +
         (names.empty() ? "no name" : safe(names)) + "), or correct `server_name` of that target.";
}

}  // namespace

std::optional<std::string> chain_remedy(const Handshake& seen, const Asked& asked) {
  if (!seen.chain || seen.certificates.empty()) return {};
  const auto& problems = seen.chain->problems;
  const auto worst = std::find_if(problems.begin(), problems.end(),
                                  [](const Problem& problem) { return problem.severity == Severity::critical; });
  std::string text;
  if (worst != problems.end()) text = invalid(*worst, seen, asked);
  else if (!seen.chain->valid)
    text =
        "Compare what " + target_name(asked) + " sends with " + trust_words(asked) + ": " + safe(seen.chain->verify_text) + ".";
  if (seen.hostname_match == false) text += (text.empty() ? "" : " ") + wrong_name(seen, asked);
  if (text.empty()) return {};
  return text;
}

}  // namespace exporter::explain
