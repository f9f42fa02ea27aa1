#include "exporter/explain/remedy.h"

#include <utility>

#include "exporter/explain/phrases.h"
#include "probes/protocols/protocol.h"

namespace exporter::explain {

using probes::observations::Failure;
using probes::observations::Handshake;
using probes::observations::Problem;
using probes::observations::Severity;
using probes::observations::Stage;
using probes::observations::Verdict;

namespace {

std::string accepted(const Handshake& seen, const Asked& asked) {
  const std::string target = target_name(asked);
  if (asked.identity.empty())
    return "The server asks for a certificate and lets clients in without one. Where that is not meant, make client certificates "
           "required at " +
           target + ".";
  if (!seen.client.sent)
    return "Give " + safe(asked.identity) + " a certificate that " + target +
           " accepts: it was not sent, and the server let us in without it.";
  if (asked.target->module->client_auth.expect == config::ClientAuthExpectation::none)
    return "The server asks for a client certificate, which `client_auth.expect: none` of module " +
           safe(asked.target->module->name) + " rules out: correct that, or turn off client authentication at " + target + ".";
  return "Nothing to do: " + target + " accepts " + identity_words(asked) + ".";
}

std::string not_requested(const Asked& asked) {
  const std::string target = target_name(asked);
  const std::string offered = asked.identity.empty() ? "" : " and was not shown " + safe(asked.identity);
  return "The server never asks for a client certificate" + offered + ". If it should, turn on client authentication at " +
         target + " (nginx: ssl_verify_client on; haproxy: verify required); if not, set `client_auth.expect: none` in module " +
         safe(asked.target->module->name) + ".";
}

std::string unasked(const Asked& asked) {
  const config::Module& module = *asked.target->module;
  const auto* protocol = probes::protocols::find_protocol(module.protocol);
  if (protocol != nullptr && protocol->refuses_at_login)
    return target_name(asked) +
           " may still refuse whom TLS let in when somebody logs in, and nobody does. To have that judged, too, set `user` in "
           "module " +
           safe(module.name) + " to an account: it is tried without a password.";
  return target_name(asked) + " speaks HTTP, in which it may still refuse whom TLS let in, and `protocol: " + module.protocol +
         "` of module " + safe(module.name) +
         " asks nothing there. Set `protocol: auto`, or `https` to have its answers judged, too.";
}

std::string turned_away(const Asked& asked) {
  return "Nothing to do: " + target_name(asked) +
         " turns away clients without a certificate. To see whether it lets the right ones "
         "in, set `identity` in module " +
         safe(asked.target->module->name) + ".";
}

std::string unconfirmed(const Asked& asked) {
  const config::Module& module = *asked.target->module;
  const std::string who = asked.identity.empty() ? "a client without a certificate" : safe(asked.identity);
  return "Whether " + target_name(asked) + " accepts " + who + " did not show in time. Raise `timeout` of module " +
         safe(module.name) + ", or set its `protocol` (now " + module.protocol + ") to one in which the server has to answer.";
}

// The server took our certificate, and was meant to ask for one.
bool nothing_to_do(const Account& account) {
  const Handshake& seen = account.seen;
  return seen.failure() == nullptr && seen.client.verdict == Verdict::accepted && seen.client.sent &&
         account.asked.target->module->client_auth.expect != config::ClientAuthExpectation::none;
}

std::string rejected(const Asked& asked) {
  return "Look for the refusal of " + identity_words(asked) + " in the log of " + target_name(asked) + ".";
}

}  // namespace

std::string remedy(const Handshake& seen, const Asked& asked) {
  if (const Failure* failure = seen.failure())
    return failure->stage == Stage::client_certificate ? client_remedy(*failure, seen, asked)
                                                       : connection_remedy(*failure, seen, asked);
  if (seen.client.turned_away) return turned_away(asked);
  if (seen.client.unasked) return unasked(asked);
  switch (seen.client.verdict.value_or(Verdict::unconfirmed)) {
    case Verdict::accepted: return accepted(seen, asked);
    case Verdict::rejected: return rejected(asked);
    case Verdict::unconfirmed: return unconfirmed(asked);
    case Verdict::not_requested: return not_requested(asked);
  }
  return unconfirmed(asked);
}

std::optional<std::string> identity_remedy(const Asked& asked) {
  for (const Problem& problem : asked.identity_problems) {
    if (problem.severity != Severity::critical) continue;
    std::string text = "Mend or renew identity " + safe(asked.identity) + " (" + std::string(word(problem.finding));
    const auto position = static_cast<std::size_t>(problem.position.value_or(0));
    if (!problem.detail.empty()) text += ": " + safe(problem.detail);
    else if (position < asked.presented.size())
      text += ": " + subject_name(*asked.presented[position]) + " is valid to " + date(asked.presented[position]->not_after());
    return text + ").";
  }
  return {};
}

std::vector<std::string> remedies(const Account& account) {
  std::vector<std::string> all;
  const Failure* failure = account.seen.failure();
  if (!nothing_to_do(account)) all.push_back(remedy(account.seen, account.asked));
  if (auto chain = chain_remedy(account.seen, account.asked)) all.push_back(std::move(*chain));
  const bool said = failure != nullptr && failure->reason == probes::observations::Reason::identity_unusable;
  if (auto identity = identity_remedy(account.asked); identity && !said) all.push_back(std::move(*identity));
  if (all.empty()) all.push_back(remedy(account.seen, account.asked));
  return all;
}

}  // namespace exporter::explain
