// Why a server refuses our certificate. What we know of our own certificate comes first: that is certain.
#include <algorithm>

#include "exporter/explain/causes.h"
#include "exporter/explain/client_facts.h"
#include "exporter/explain/known.h"
#include "exporter/explain/phrases.h"

namespace exporter::explain {

using probes::observations::Certificate;
using probes::observations::Finding;
using probes::observations::Problem;
using probes::observations::Reason;
using probes::observations::Severity;

namespace {

constexpr std::size_t shown = 3;  // CAs named in one sentence

template <Reason reason>
bool said(const Facts& f) {
  return f.failure->reason == reason;
}

std::string target(const Facts& f) { return target_name(f.asked); }
std::string identity(const Facts& f) { return safe(f.asked.identity); }

std::string lists(const Facts& f) {
  return lists_anybody(f.seen) ? "it lists: " + listed_authorities(f.seen, shown) : "it does not say which CAs it trusts";
}

std::string mend_the_identity(const Facts& f) {
  std::string why = safe(f.failure->detail);
  for (const Problem& problem : f.asked.identity_problems)
    if (problem.severity == Severity::critical && !problem.detail.empty()) why = safe(problem.detail);
  return "Mend the files of identity " + identity(f) + (why.empty() ? "." : ": " + why + ".") +
         " `mtls_exporter check-config` checks them all.";
}

std::string renew(const Facts& f) {
  return "Renew " + identity(f) + ": its certificate is valid from " + date(our_leaf(f)->not_before()) + " to " +
         date(our_leaf(f)->not_after()) + ".";
}

std::string replace_the_intermediate(const Facts& f) {
  const Certificate& ended = *ended_intermediate(f);
  return "Replace the intermediate " + subject_name(ended) + ", which expired on " + date(ended.not_after()) + ", in " +
         identity_place(f.asked) + ".";
}

std::string issue_for_clients(const Facts& f) {
  std::vector<std::string> has;
  for (const std::string_view usage : our_leaf(f)->extended_key_usages()) has.push_back(safe(usage));
  return "Issue " + identity(f) + " with the extended key usage clientAuth; it has " +
         (has.empty() ? "none" : joined(has, has.size())) + ".";
}

std::string have_it_sent(const Facts& f) {
  return "The server requires one, and " + identity(f) + " was held back. Its CA should be one that " + target(f) + " accepts; " +
         lists(f) + ".";
}

std::string offer_an_identity(const Facts& f) {
  return "Offer an identity: set `identity` in module " + safe(f.asked.target->module->name) + " or use `--identity`. " +
         target(f) + " wants a certificate of a CA it accepts; " + lists(f) + ".";
}

std::string issue_anew(const Facts& f) {
  const std::string serial =
      our_leaf(f) == nullptr ? "its certificate" : "serial " + safe(our_leaf(f)->serial()) + " of " + issuer_name(*our_leaf(f));
  return "Issue " + identity(f) + " anew: " + serial + " stands on the revocation list of " + target(f) + ".";
}

std::string send_the_intermediate(const Facts& f) {
  const std::string top = issuer_name(*f.asked.presented.back());
  const std::string why =
      lists_anybody(f.seen) ? " " + target(f) + " has only what it lists (" + listed_authorities(f.seen, shown) + ")." : "";
  return "Add the certificate of the intermediate " + top + " to " + identity_place(f.asked) + ", behind the leaf." + why;
}

std::string trust_the_root_of(const Facts& f) {
  const Certificate& issuing = *rootless(f);
  return "Add the root " + issuer_name(issuing) + " to the client CAs of " + target(f) + ", beside " + subject_name(issuing) +
         " (nginx: ssl_client_certificate; haproxy: ca-file; Apache: SSLCACertificateFile).";
}

std::string allow_the_length(const Facts& f) {
  const std::string length = std::to_string(intermediates_sent(f));
  return "Set `ssl_verify_depth " + length + "` or more at " + target(f) + ": our chain has " + length +
         " intermediates, and nginx allows 1 unless told.";
}

std::string our_authorities(const Facts& f) {
  std::vector<std::string> names;
  for (const auto& one : f.asked.presented) names.push_back(issuer_name(*one));
  return joined(names, shown + 1);
}

std::string renew_the_lists(const Facts& f) {
  return "Renew the revocation lists by which " + target(f) +
         " checks clients, and have it load them (haproxy: crl-file; nginx: ssl_crl): a CRL of " + our_authorities(f) +
         " has lapsed there. Where it checks none, correct its clock: our certificate is valid to " +
         date(our_leaf(f)->not_after()) + ".";
}

std::string complete_the_lists(const Facts& f) {
  return "Give " + target(f) +
         " a revocation list (CRL) of each CA of our chain, or none at all (haproxy: crl-file; nginx: ssl_crl): " +
         our_authorities(f) + ". If it has them, let it take chains of " + std::to_string(intermediates_sent(f)) +
         " intermediates (its verification depth).";
}

std::string trust_our_key(const Facts& f) {
  const std::string_view key = our_leaf(f)->authority_key_identifier();
  return "Compare the CA " + issuer_name(*our_leaf(f)) + " among the client CAs of " + target(f) + " with the one that issued " +
         identity(f) + (key.empty() ? "" : " (key identifier " + safe(key) + ")") +
         ": they share their name and not their key. Add ours beside it.";
}

std::string take_our_authority(const Facts& f) {
  const std::string ca = identity_authority(f.asked);
  std::string text = identity(f) + (our_leaf(f) == nullptr ? "" : " is issued by " + issuer_name(*our_leaf(f))) + "; " +
                     lists(f) + ". Add " + (ca.empty() ? "its CA" : ca) + " to the client CAs of " + target(f) + ", or have " +
                     identity(f) + " issued by one it lists.";
  if (lists_anybody(f.seen) && our_leaf(f) != nullptr && f.asked.presented.size() == 1 && !our_leaf(f)->self_issued())
    text +=
        " If " + ca + " is an intermediate below one of those, add its certificate to " + identity_place(f.asked) + " instead.";
  return text;
}

std::string give_another_key(const Facts& f) {
  return "Give " + identity(f) + " a key of a type that " + target(f) + " supports: it has " + safe(key_word(*our_leaf(f))) + ".";
}

std::string let_this_client_in(const Facts& f) {
  const std::string subject = our_leaf(f) == nullptr ? identity(f) : subject_name(*our_leaf(f));
  return "Add " + subject + " to those whom " + target(f) + " lets in: it trusts the CA of " + identity(f) +
         " and denies this client.";
}

std::string ask_its_log_for_a_close(const Facts& f) {
  return "The server hung up on " + identity_words(f.asked) + " without saying why; " + lists(f) + ". Look in the log of " +
         target(f) + ", and check that CA and its revocation lists there.";
}

// In a protocol that is no HTTP. Its words are in the reason.
std::string compare_in_the_protocol(const Facts& f) {
  const std::string whom = f.asked.identity.empty() ? "a client without a certificate" : identity_words(f.asked);
  const std::string& user = f.asked.target->module->user;
  return target(f) + " lets " + whom + " into TLS and refuses it in its own protocol: compare its client CAs (" +
         listed_authorities(f.seen, shown) + ") and whom it lets in for a certificate like this one" +
         (user.empty() ? "" : " as " + safe(user)) + ".";
}

std::string compare_in_the_application(const Facts& f) {
  if (!f.seen.application_status) return compare_in_the_protocol(f);
  const config::Http& http = f.asked.target->module->http;
  const std::string status = "HTTP " + std::to_string(*f.seen.application_status);
  const std::string whom = f.asked.identity.empty() ? "a client without a certificate" : identity_words(f.asked);
  return target(f) + " answers " + status + " to " + http.method + " " + safe(http.path) + " of " + whom +
         ": TLS lets everybody in and the application checks. Compare its client CAs (" + listed_authorities(f.seen, shown) +
         ") and, in module " + safe(f.asked.target->module->name) + ", `http.refused_status`.";
}

std::string sign_otherwise(const Facts& f) {
  const std::string key = our_leaf(f) == nullptr ? "" : " (now " + key_word(*our_leaf(f)) + ")";
  return "Give " + identity(f) + " a key" + key + " of a type and size whose signatures " + target(f) + " accepts.";
}

std::string ask_its_log(const Facts& f) {
  const std::string unlisted =
      f.seen.client.issuer_listed == false ? " Its CA is not among those the server accepts; " + lists(f) + "." : "";
  return "Look in the log of " + target(f) + " for why it refused " + identity_words(f.asked) +
         ": the alert says only that it is bad." + unlisted;
}

constexpr Cause table[] = {
    {.name = "identity_unusable",
     .words = "Our identity cannot be used.",
     .holds = said<Reason::identity_unusable>,
     .remedy = mend_the_identity},
    {.name = "no_identity",
     .words = "The server requires a client certificate, and none is configured.",
     .holds = [](const Facts& f) { return f.asked.identity.empty(); },
     .remedy = offer_an_identity},
    {.name = "no_suitable_signature",
     .words = "The server takes no signature of our key.",
     .holds = said<Reason::no_suitable_signature>,
     .remedy = sign_otherwise},
    {.name = "our_certificate_expired", .words = "Our certificate has expired.", .holds = our_leaf_expired, .remedy = renew},
    {.name = "our_certificate_not_yet_valid",
     .words = "Our certificate is not valid yet.",
     .holds = our_leaf_not_yet_valid,
     .remedy = renew},
    {.name = "our_intermediate_expired",
     .words = "An intermediate that we send has expired.",
     .holds = [](const Facts& f) { return ended_intermediate(f) != nullptr; },
     .remedy = replace_the_intermediate},
    {.name = "not_sent",
     .words = "Our certificate was not sent.",
     .holds = said<Reason::certificate_required>,
     .remedy = have_it_sent},
    {.name = "our_certificate_revoked",
     .words = "The server says that our certificate is revoked.",
     .holds = said<Reason::certificate_revoked>,
     .remedy = issue_anew},
    {.name = "access_denied",
     .words = "The server knows our certificate and denies us access.",
     .holds = said<Reason::access_denied>,
     .remedy = let_this_client_in},
    {.name = "not_for_clients",
     .words = "Our certificate is not made for clients.",
     .holds =
         [](const Facts& f) {
           return our_leaf(f) != nullptr && not_for_clients(f) &&
                  (judged_by_content(f) || f.failure->reason == Reason::unsupported_certificate);
         },
     .remedy = issue_for_clients},
    {.name = "our_key_unsupported",
     .words = "The server does not support our certificate.",
     .holds = [](const Facts& f) { return our_leaf(f) != nullptr && said<Reason::unsupported_certificate>(f); },
     .remedy = give_another_key},
    {.name = "our_intermediate_left_out",
     .words = "We leave out an intermediate that the server cannot have.",
     .holds = [](const Facts& f) { return judged_by_content(f) && intermediate_missing(f); },
     .remedy = send_the_intermediate},
    {.name = "root_not_at_the_server",
     .words = "The server trusts an issuing CA of ours, and not the root above it.",
     .holds = [](const Facts& f) { return judged_by_content(f) && rootless(f) != nullptr; },
     .remedy = trust_the_root_of},
    {.name = "another_key_at_the_server",
     .words = "The server knows a CA of that name with another key.",
     .holds = [](const Facts& f) { return our_leaf(f) != nullptr && f.failure->alert == decrypt_error_alert; },
     .remedy = trust_our_key},
    {.name = "chain_too_long",
     .words = "The server lists our CA, and our chain is longer than nginx allows by default.",
     .holds =
         [](const Facts& f) {
           return said<Reason::refused_by_application>(f) && reaches_the_list(f) && intermediates_sent(f) > 1;
         },
     .remedy = allow_the_length},
    {.name = "server_list_lapsed",
     .words = "The server calls our certificate expired, and it is not: a revocation list there may have lapsed.",
     .holds = [](const Facts& f) { return our_leaf(f) != nullptr && said<Reason::certificate_expired>(f); },
     .remedy = renew_the_lists},
    {.name = "server_list_incomplete",
     .words = "The server lists our CA, and cannot check our chain.",
     .holds = [](const Facts& f) { return refused_for_the_chain(f) && reaches_the_list(f); },
     .remedy = complete_the_lists},
    {.name = "authority_not_at_the_server",
     .words = "The server does not trust our CA.",
     .holds = [](const Facts& f) { return said<Reason::unknown_ca>(f) || (refused_for_the_chain(f) && lists_anybody(f.seen)); },
     .remedy = take_our_authority},
    {.name = "refused_by_application",
     .words = "",
     .holds = said<Reason::refused_by_application>,
     .remedy = compare_in_the_application},
    {.name = "closed_after_certificate",
     .words = "",
     .holds = said<Reason::closed_after_certificate>,
     .remedy = ask_its_log_for_a_close},
    {.name = "bad_certificate", .words = "", .holds = [](const Facts&) { return true; }, .remedy = ask_its_log},
};

}  // namespace

std::span<const Cause> client_causes() { return table; }

}  // namespace exporter::explain
