// Why a chain is not valid, and why a certificate is not for its name.
#include <algorithm>

#include "exporter/explain/causes.h"
#include "exporter/explain/known.h"
#include "exporter/explain/phrases.h"
#include "probes/observations/unreadable.h"

namespace exporter::explain {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::ChainJudgement;
using probes::observations::Finding;
using probes::observations::Handshake;
using probes::observations::Problem;

namespace {

bool found(const Facts& f, Finding finding) { return f.problem != nullptr && f.problem->finding == finding; }

// Not trusted for want of somebody above, or of trust in who is there.
bool untrusted(const Facts& f) {
  return found(f, Finding::missing_intermediate) || found(f, Finding::untrusted_root) || found(f, Finding::self_signed) ||
         found(f, Finding::anchor_not_root);
}

// The certificate a problem is about; the leaf for those of the chain as a whole.
const Certificate& concerned(const Problem& problem, const Handshake& seen) {
  if (problem.certificate) return *problem.certificate;
  const auto position = static_cast<std::size_t>(problem.position.value_or(0));
  if (position < seen.certificates.size()) return *seen.certificates[position];
  return seen.chain->path.empty() ? *seen.certificates.front() : *seen.chain->path.back();
}
const Certificate& concerned(const Facts& f) { return concerned(*f.problem, f.seen); }

// Where the path ends: nobody above it is known, or trusted.
const Certificate& last(const Facts& f) {
  return f.seen.chain->path.empty() ? *f.seen.certificates.front() : *f.seen.chain->path.back();
}

std::string target(const Facts& f) { return target_name(f.asked); }

// What to add so that what `f` ends with is trusted: itself where it is a root, else its issuer.
std::string head(const Facts& f) { return last(f).self_issued() ? subject_name(last(f)) : issuer_name(last(f)); }

// The CA that is missing stands in another store of ours, or what was sent last does.
Met trusted_elsewhere(const Facts& f) {
  const KnownStore* own = judging_store(f.asked);
  if (!f.asked.stores) return {};
  for (const KnownStore& store : *f.asked.stores) {
    if (&store == own) continue;
    for (const CertificatePtr& one : store.certificates)
      if (one->fingerprint_sha256() == last(f).fingerprint_sha256() || may_have_issued(*one, last(f))) return {one.get(), &store};
  }
  return {};
}

const Problem* another_path(const Facts& f) {
  const auto& problems = f.seen.chain->problems;
  const auto other =
      std::ranges::find_if(problems, [](const Problem& one) { return one.finding == Finding::another_path_is_valid; });
  return other == problems.end() || f.seen.chain->path.empty() ? nullptr : &*other;
}

// "Old Root expired on 2024-09-30".
std::string dated(const Problem& problem, const Certificate& certificate) {
  if (problem.finding == Finding::expired) return subject_name(certificate) + " expired on " + date(certificate.not_after());
  return subject_name(certificate) + " is not valid before " + date(certificate.not_before());
}

// OpenSSL does not go back to where it had the choice.
std::string take_the_other_path(const Facts& f) {
  const Problem& other = *another_path(f);
  const Problem& refused = *f.problem;
  const std::string anchor = subject_name(*f.seen.chain->path.back());
  const bool by_date = refused.finding == Finding::expired || refused.finding == Finding::not_yet_valid;
  const std::string why = by_date ? dated(refused, concerned(f)) : safe(refused.detail);
  std::string text = "The chain of " + target(f) + " holds by " + anchor + ", and OpenSSL takes another path: " + why + ". ";
  if (other.position) {
    const Certificate& misleading = concerned(other, f.seen);
    return text + "Have " + target(f) + " send its chain without " + subject_name(misleading) + " as issued by " +
           issuer_name(misleading) + ".";
  }
  // Two CAs of one name, and no key identifiers to tell them apart: OpenSSL tries one of them.
  if (other.certificate && !refused.certificate)
    return text + "Take the other " + subject_name(*other.certificate) + " (serial " + safe(other.certificate->serial()) +
           ", valid from " + date(other.certificate->not_before()) + ") out of " + trust_place(f.asked) +
           ", or have the CA issue with key identifiers: OpenSSL tries one CA of a name.";
  if (refused.certificate)
    return text + "Take " + subject_name(*refused.certificate) + ", and what it issued, out of " + trust_place(f.asked) + ".";
  return text + "Have " + target(f) + " send the certificates of the path to " + anchor + " and no others.";
}

bool store_unreadable(const Facts& f) {
  const KnownStore* store = judging_store(f.asked);
  return untrusted(f) && store != nullptr && !store->troubles.empty();
}

std::string mend_the_store(const Facts& f) {
  const auto& trouble = judging_store(f.asked)->troubles.front();
  return "Mend the file " + safe(trouble.path) + " of " + trust_words(f.asked) + " first: " + safe(trouble.detail) +
         ". Whether the chain of " + target(f) + " is right shows then.";
}

// The certificate that nobody trusted has signed. A path that was followed by names alone may end at an anchor of that name.
const Certificate& unsigned_by_any(const Facts& f, const KnownStore& store) {
  const auto& path = f.seen.chain->path;
  const auto is_last = [&](const CertificatePtr& one) { return one->fingerprint_sha256() == last(f).fingerprint_sha256(); };
  const bool at_an_anchor = path.size() > 1 && std::ranges::any_of(store.certificates, is_last);
  return at_an_anchor ? *path[path.size() - 2] : last(f);
}

// A CA of the name that is missing is trusted, and has not signed this.
bool name_with_another_key(const Facts& f) {
  const KnownStore* store = judging_store(f.asked);
  if (store == nullptr || (!untrusted(f) && !found(f, Finding::invalid_signature)) || found(f, Finding::anchor_not_root))
    return false;
  const Certificate& child = unsigned_by_any(f, *store);
  if (child.self_issued()) return false;
  return std::ranges::any_of(store->certificates, [&](const CertificatePtr& one) { return one->subject() == child.issuer(); });
}

std::string add_the_other_key(const Facts& f) {
  const Certificate& child = unsigned_by_any(f, *judging_store(f.asked));
  const std::string_view key = child.authority_key_identifier();
  return "Add the certificate of " + issuer_name(child) + " that issued " + subject_name(child) +
         (key.empty() ? "" : " (key identifier " + safe(key) + ")") + " to " + trust_place(f.asked) +
         ", beside the one of the same name.";
}

std::string trust_it_here_too(const Facts& f) {
  const Met met = trusted_elsewhere(f);
  return "Add " + subject_name(*met.certificate) + " of " + place_of(*met.store) + " to " + trust_place(f.asked) +
         ", or set `trust: " + safe(met.store->name) + "` in module " + safe(f.asked.target->module->name) + ".";
}

std::string send_the_known(const Facts& f) {
  const Met met = issuer_met(last(f), f.asked);
  const std::string where =
      met.store != nullptr ? " (it stands in " + place_of(*met.store) + ")" : " (" + safe(f.asked.identity) + " sends it, too)";
  return "Add the certificate of " + subject_name(*met.certificate) + where + " to the chain that " + target(f) + " sends.";
}

std::string add_or_send(const Facts& f) {
  return "If " + head(f) + " is a root of yours, add its certificate to " + trust_place(f.asked) +
         ". If it is an intermediate, " + target(f) + " leaves it out: add it to the chain that " + target(f) + " sends.";
}

std::string trust_the_root(const Facts& f) {
  return "Add " + head(f) + " to " + trust_place(f.asked) + " where it is a root of yours, or have " + target(f) +
         " use a certificate of a CA in that store.";
}

// The store is ours to mend: servers need not send a root.
std::string hold_the_root(const Facts& f) {
  return "Add the root " + head(f) + " to " + trust_place(f.asked) +
         ", or set `partial_chain: true` on that trust store: " + "it holds a part of the chain, and that part is no root.";
}

bool out_of_date(const Facts& f) { return found(f, Finding::expired) || found(f, Finding::not_yet_valid); }

std::string renew_in_the_store(const Facts& f) {
  return dated(*f.problem, concerned(f)) + " and stands in " + trust_place(f.asked) + ". Renew it there, or have " + target(f) +
         " use a certificate of another CA of that store.";
}

std::string renew(const Facts& f) {
  return "Renew " + subject_name(concerned(f)) + " at " + target(f) + ": it is valid from " + date(concerned(f).not_before()) +
         " to " + date(concerned(f).not_after()) + ".";
}

// " (key_compromise) on 2026-11-28", as the answer has it that made it a finding.
std::string revocation_words(const Facts& f) {
  for (const probes::observations::RevocationAnswer& answer : f.seen.chain->revocation)
    if (answer.status == probes::observations::RevocationStatus::revoked &&
        answer.certificate->fingerprint_sha256() == concerned(f).fingerprint_sha256())
      return " (" + std::string(word(answer.reason)) + ")" + (answer.revoked_at ? " on " + date(*answer.revoked_at) : "");
  return "";
}

std::string replace_the_revoked(const Facts& f) {
  return "Replace " + subject_name(concerned(f)) + " (serial " + safe(concerned(f).serial()) + ") at " + target(f) +
         ": its CA revoked it" + revocation_words(f) + ". Nothing that checks revocation accepts it.";
}

std::string issue_with_dates(const Facts& f) {
  return "Issue " + subject_name(concerned(f)) + " of " + target(f) + " anew: its " +
         probes::observations::unreadable_dates(concerned(f)) + " cannot be read.";
}

std::string issue_anew(const Facts& f) {
  return "Issue " + subject_name(concerned(f)) + " of " + target(f) +
         " anew, without what is found wrong here: " + std::string(word(f.problem->finding)) + ".";
}

std::string compare(const Facts& f) {
  return "Compare what " + target(f) + " sends with " + trust_place(f.asked) + ": " + safe(f.seen.chain->verify_text) + ".";
}

constexpr Cause of_the_chain[] = {
    {.name = "trust_store_unreadable",
     .words = "A file of our trust store cannot be read.",
     .holds = store_unreadable,
     .remedy = mend_the_store},
    {.name = "another_path",
     .words = "The chain holds, and OpenSSL is led to another path.",
     .holds = [](const Facts& f) { return f.problem != nullptr && another_path(f) != nullptr; },
     .remedy = take_the_other_path},
    {.name = "two_keys_of_one_name",
     .words = "Our trust store holds a CA of that name with another key.",
     .holds = name_with_another_key,
     .remedy = add_the_other_key},
    {.name = "root_in_another_store",
     .words = "The CA is in another trust store of ours, and not in the one that judges here.",
     .holds =
         [](const Facts& f) { return untrusted(f) && trusted_elsewhere(f) && trusted_elsewhere(f).certificate->self_issued(); },
     .remedy = trust_it_here_too},
    {.name = "intermediate_left_out",
     .words = "The server leaves out an intermediate.",
     .holds =
         [](const Facts& f) {
           return found(f, Finding::missing_intermediate) && !last(f).self_issued() && issuer_met(last(f), f.asked);
         },
     .remedy = send_the_known},
    {.name = "anchor_not_root",
     .words = "Our trust store holds an intermediate without its root.",
     .holds = [](const Facts& f) { return found(f, Finding::anchor_not_root); },
     .remedy = hold_the_root},
    {.name = "self_signed",
     .words = "The server's certificate is self-signed, and not in our trust store.",
     .holds =
         [](const Facts& f) {
           return found(f, Finding::self_signed) ||
                  (found(f, Finding::untrusted_root) &&
                   last(f).fingerprint_sha256() == f.seen.certificates.front()->fingerprint_sha256());
         },
     .remedy = trust_the_root},
    {.name = "root_not_trusted",
     .words = "The server's chain leads to a root that is not in our trust store.",
     .holds = [](const Facts& f) { return found(f, Finding::untrusted_root); },
     .remedy = trust_the_root},
    {.name = "issuer_not_trusted",
     .words = "The issuer of the last certificate is neither sent nor in our trust store.",
     .holds = [](const Facts& f) { return found(f, Finding::missing_intermediate); },
     .remedy = add_or_send},
    {.name = "expired_in_the_store",
     .words = "A certificate of our trust store is out of date.",
     .holds = [](const Facts& f) { return out_of_date(f) && f.problem->certificate != nullptr; },
     .remedy = renew_in_the_store},
    {.name = "expired_at_the_server",
     .words = "A certificate that the server sends is out of date.",
     .holds = out_of_date,
     .remedy = renew},
    {.name = "revoked",
     .words = "A certificate that the server sends is revoked.",
     .holds = [](const Facts& f) { return found(f, Finding::revoked); },
     .remedy = replace_the_revoked},
    {.name = "unreadable_date",
     .words = "A certificate that the server sends has a date that cannot be read.",
     .holds =
         [](const Facts& f) { return f.problem != nullptr && !probes::observations::unreadable_dates(concerned(f)).empty(); },
     .remedy = issue_with_dates},
    {.name = "faulty_certificate",
     .words = "A certificate that the server sends has a fault.",
     .holds = [](const Facts& f) { return f.problem != nullptr; },
     .remedy = issue_anew},
    {.name = "other_chain_error",
     .words = "OpenSSL refuses the chain.",
     .holds = [](const Facts&) { return true; },
     .remedy = compare},
};

bool without_alternative_names(const Facts& f) { return f.seen.certificates.front()->subject_alternative_names().empty(); }

std::string add_alternative_name(const Facts& f) {
  const std::string common_name = safe(f.seen.certificates.front()->subject_common_name());
  return "Issue the certificate of " + target(f) + " anew with the alternative name " + server_name(f.asked) +
         (common_name.empty() ? "" : "; it has the common name " + common_name + " alone") + ".";
}

std::string add_the_name(const Facts& f) {
  return "Issue the certificate of " + target(f) + " for " + server_name(f.asked) + " too (it is for " +
         safe(joined_names(*f.seen.certificates.front())) + "), or correct `server_name` of that target.";
}

constexpr Cause of_the_name[] = {
    {.name = "no_alternative_name",
     .words = "The certificate has no alternative name; the common name counts for old clients only.",
     .holds = without_alternative_names,
     .remedy = add_alternative_name},
    {.name = "another_name",
     .words = "The certificate is for another name.",
     .holds = [](const Facts&) { return true; },
     .remedy = add_the_name},
};

}  // namespace

std::span<const Cause> chain_causes() { return of_the_chain; }
std::span<const Cause> name_causes() { return of_the_name; }

}  // namespace exporter::explain
