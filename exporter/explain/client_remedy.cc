#include <algorithm>

#include "exporter/explain/phrases.h"
#include "exporter/explain/remedy.h"

namespace exporter::explain {

using probes::observations::Certificate;
using probes::observations::Failure;
using probes::observations::Finding;
using probes::observations::Handshake;
using probes::observations::Problem;
using probes::observations::Reason;
using probes::observations::Severity;

namespace {

constexpr std::size_t shown = 3;  // CAs named in one sentence

// The leaf we presented; null when there was none.
const Certificate* leaf(const Asked& asked) { return asked.presented.empty() ? nullptr : asked.presented.front().get(); }

std::string lists(const Handshake& seen) {
  const bool silent = !seen.client.acceptable || seen.client.acceptable->count == 0;
  return silent ? "it does not say which CAs it trusts" : "it lists: " + listed_authorities(seen, shown);
}

std::string certificate_required(const Handshake& seen, const Asked& asked) {
  if (!asked.identity.empty())
    return "The server requires a certificate and " + safe(asked.identity) + " was not sent. Its CA should be one that " +
           target_name(asked) + " accepts; " + lists(seen) + ".";
  return "Offer an identity: set `identity` in module " + safe(asked.target->module->name) + " or use `--identity`. " +
         target_name(asked) + " wants a certificate of a CA it accepts; " + lists(seen) + ".";
}

std::string unknown_ca(const Handshake& seen, const Asked& asked) {
  const std::string target = target_name(asked), identity = safe(asked.identity), authority = identity_authority(asked);
  std::string text = "The server does not trust the CA that issued " + identity;
  if (leaf(asked) != nullptr) text += " (" + issuer_name(*leaf(asked)) + ")";
  text += "; " + lists(seen) + ". ";
  if (seen.client.issuer_listed == true && seen.client.acceptable && seen.client.acceptable->count > 0)
    return text + "That CA is in the list, so " + target +
           " probably misses an intermediate: add it to the certificate file of " + identity + ".";
  return text + "Add " + (authority.empty() ? "its CA" : authority) + " to the client CAs of " + target + ", or have " +
         identity + " issued by one it lists.";
}

std::string certificate_expired(const Handshake& seen, const Asked& asked) {
  const std::string identity = safe(asked.identity);
  if (leaf(asked) == nullptr) return "Renew " + identity + ".";
  const probes::observations::Date from = leaf(asked)->not_before(), to = leaf(asked)->not_after();
  const bool in_force = from && to && *to > seen.finished && *from <= seen.finished;
  const std::string dates = "its certificate is valid from " + date(from) + " to " + date(to);
  if (in_force) return "Check the clock of " + target_name(asked) + " and the intermediates of " + identity + ": " + dates + ".";
  return "Renew " + identity + ": " + dates + ".";
}

std::string certificate_revoked(const Asked& asked) {
  const std::string serial =
      leaf(asked) == nullptr ? "its certificate" : "serial " + safe(leaf(asked)->serial()) + " of " + issuer_name(*leaf(asked));
  std::string text = "Issue " + safe(asked.identity) + " anew: " + serial + " stands on the server's revocation list.";
  for (const Problem& problem : asked.identity_problems)
    if (problem.finding == Finding::revoked) return text + " Ours agrees: " + safe(problem.detail) + ".";
  return text;
}

std::string bad_certificate(const Handshake& seen, const Asked& asked) {
  const std::string listed =
      seen.client.issuer_listed == false ? " Its CA is not among those the server accepts; " + lists(seen) + "." : "";
  return "Look in the log of " + target_name(asked) + " for why it refused " + identity_words(asked) +
         ": the alert says only that it is bad." + listed;
}

std::string unsupported_certificate(const Asked& asked) {
  const std::string identity = safe(asked.identity);
  if (leaf(asked) == nullptr) return "Issue " + identity + " with the extended key usage clientAuth.";
  const auto usages = leaf(asked)->extended_key_usages();
  if (std::find(usages.begin(), usages.end(), "clientAuth") != usages.end())
    return "Give " + identity + " a key of a type that " + target_name(asked) + " supports: it has " +
           safe(key_word(*leaf(asked))) + ".";
  std::vector<std::string> has;
  for (const std::string_view usage : usages) has.push_back(safe(usage));
  return "Issue " + identity + " with the extended key usage clientAuth; it has " +
         (has.empty() ? "none" : joined(has, has.size())) + ".";
}

std::string access_denied(const Asked& asked) {
  const std::string subject = leaf(asked) == nullptr ? safe(asked.identity) : subject_name(*leaf(asked));
  return "Add " + subject + " to those whom " + target_name(asked) + " lets in: it trusts the CA of " + safe(asked.identity) +
         " and denies this client.";
}

std::string closed_after_certificate(const Handshake& seen, const Asked& asked) {
  return "The server hung up on " + identity_words(asked) + " without saying why; " + lists(seen) + ". Look in the log of " +
         target_name(asked) + ", and check that CA and its revocation lists there.";
}

// In a protocol that is no HTTP. Its words are in the reason.
std::string refused_by_protocol(const Handshake& seen, const Asked& asked) {
  const std::string whom = asked.identity.empty() ? "a client without a certificate" : identity_words(asked);
  return target_name(asked) + " lets " + whom + " into TLS and refuses it in its own protocol: compare its client CAs (" +
         listed_authorities(seen, shown) + ") and whom it lets in for a certificate like this one" +
         (asked.target->module->user.empty() ? "" : " as " + safe(asked.target->module->user)) + ".";
}

std::string refused_by_application(const Handshake& seen, const Asked& asked) {
  if (!seen.application_status) return refused_by_protocol(seen, asked);
  const config::Http& http = asked.target->module->http;
  const std::string status = "HTTP " + std::to_string(*seen.application_status);
  const std::string whom = asked.identity.empty() ? "a client without a certificate" : identity_words(asked);
  return target_name(asked) + " answers " + status + " to " + http.method + " " + safe(http.path) + " of " + whom +
         ": TLS lets everybody in and the application checks. Compare its client CAs (" + listed_authorities(seen, shown) +
         ") and, in module " + safe(asked.target->module->name) + ", `http.refused_status`.";
}

std::string no_suitable_signature(const Asked& asked) {
  const std::string key = leaf(asked) == nullptr ? "" : " (now " + key_word(*leaf(asked)) + ")";
  return "Give " + safe(asked.identity) + " a key" + key + " of a type and size whose signatures " + target_name(asked) +
         " accepts.";
}

std::string identity_unusable(const Failure& failure, const Asked& asked) {
  std::string why = safe(failure.detail);
  for (const Problem& problem : asked.identity_problems)
    if (problem.severity == Severity::critical && !problem.detail.empty()) why = safe(problem.detail);
  return "Mend the files of identity " + safe(asked.identity) + (why.empty() ? "." : ": " + why + ".") +
         " `mtls_exporter check-config` checks them all.";
}

}  // namespace

std::string client_remedy(const Failure& failure, const Handshake& seen, const Asked& asked) {
  switch (failure.reason) {
    case Reason::certificate_required: return certificate_required(seen, asked);
    case Reason::unknown_ca: return unknown_ca(seen, asked);
    case Reason::certificate_expired: return certificate_expired(seen, asked);
    case Reason::certificate_revoked: return certificate_revoked(asked);
    case Reason::unsupported_certificate: return unsupported_certificate(asked);
    case Reason::access_denied: return access_denied(asked);
    case Reason::closed_after_certificate: return closed_after_certificate(seen, asked);
    case Reason::refused_by_application: return refused_by_application(seen, asked);
    case Reason::no_suitable_signature: return no_suitable_signature(asked);
    case Reason::identity_unusable: return identity_unusable(failure, asked);
    default: return bad_certificate(seen, asked);
  }
}

}  // namespace exporter::explain
