// Nothing failed: what there is to do about how the server met us, if anything.
#include "exporter/explain/causes.h"
#include "exporter/explain/phrases.h"
#include "probes/protocols/protocol.h"

namespace exporter::explain {

using probes::observations::Handshake;
using probes::observations::Verdict;

namespace {

std::string accepted(const Facts& f) {
  const Handshake& seen = f.seen;
  const Asked& asked = f.asked;
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
  return target + " accepts " + identity_words(asked) + ".";
}

std::string not_requested(const Facts& f) {
  const Asked& asked = f.asked;
  const std::string target = target_name(asked);
  const std::string offered = asked.identity.empty() ? "" : " and was not shown " + safe(asked.identity);
  return "The server never asks for a client certificate" + offered + ". If it should, turn on client authentication at " +
         target + " (nginx: ssl_verify_client on; haproxy: verify required); if not, set `client_auth.expect: none` in module " +
         safe(asked.target->module->name) + ".";
}

std::string unasked(const Facts& f) {
  const Asked& asked = f.asked;
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

std::string turned_away(const Facts& f) {
  const Asked& asked = f.asked;
  return target_name(asked) +
         " turns away clients without a certificate, as it is meant to. To see whether it lets the right ones "
         "in, set `identity` in module " +
         safe(asked.target->module->name) + ".";
}

std::string unconfirmed(const Facts& f) {
  const Asked& asked = f.asked;
  const config::Module& module = *asked.target->module;
  const std::string who = asked.identity.empty() ? "a client without a certificate" : safe(asked.identity);
  return "Whether " + target_name(asked) + " accepts " + who + " did not show in time. Raise `timeout` of module " +
         safe(module.name) + ", or set its `protocol` (now " + module.protocol + ") to one in which the server has to answer.";
}

std::string rejected(const Facts& f) {
  return "Look for the refusal of " + identity_words(f.asked) + " in the log of " + target_name(f.asked) + ".";
}

template <Verdict verdict>
bool ended_in(const Facts& f) {
  return f.seen.client.verdict == verdict;
}

constexpr Cause table[] = {
    {.name = "turned_away",
     .words = "",
     .holds = [](const Facts& f) { return f.seen.client.turned_away.has_value(); },
     .remedy = turned_away},
    {.name = "unasked", .words = "", .holds = [](const Facts& f) { return f.seen.client.unasked; }, .remedy = unasked},
    {.name = "accepted", .words = "", .holds = ended_in<Verdict::accepted>, .remedy = accepted},
    {.name = "rejected", .words = "", .holds = ended_in<Verdict::rejected>, .remedy = rejected},
    {.name = "not_requested", .words = "", .holds = ended_in<Verdict::not_requested>, .remedy = not_requested},
    {.name = "unconfirmed", .words = "", .holds = [](const Facts&) { return true; }, .remedy = unconfirmed},
};

}  // namespace

std::span<const Cause> verdict_causes() { return table; }

}  // namespace exporter::explain
