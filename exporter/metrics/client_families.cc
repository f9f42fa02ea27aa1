// Our side of the door: what became of the client certificate, whom the server accepts, how the door is kept, and the identities.
#include <algorithm>

#include "exporter/estate/door.h"
#include "exporter/metrics/family.h"

namespace exporter::metrics {

using namespace probes::observations;

namespace {

using config::Detail;

std::optional<bool> requested(const ClientAuthentication& client) {
  if (client.requested) return true;
  return client.verdict == Verdict::not_requested && !client.unasked ? std::optional(false) : std::nullopt;
}

// 1 needs our certificate to have been sent: a door that lets us in without looking has not accepted it.
std::optional<bool> accepted(const ClientAuthentication& client) {
  if (client.turned_away) return std::nullopt;
  if (client.verdict == Verdict::rejected) return false;
  return client.verdict == Verdict::accepted && client.sent ? std::optional(true) : std::nullopt;
}

constexpr Family table[] = {
    {.name = "mtls_client_certificate_requested",
     .help = "1 when the server asked for a client certificate, 0 when it certainly did not.",
     .samples = [](const ProbeRow& probe, Samples& out) { out.add(requested(probe.last->client)); }},
    {.name = "mtls_client_certificate_accepted",
     .detail = Detail::lean,
     .help = "1 when the server accepted our certificate, 0 when it refused us; absent while neither is certain.",
     .samples = [](const ProbeRow& probe, Samples& out) { out.add(accepted(probe.last->client)); }},
    {.name = "mtls_client_certificate_verdict",
     .more = {"verdict"},
     .help = "1: what became of our certificate: accepted, rejected, unconfirmed, not_requested.",
     .samples =
         [](const ProbeRow& probe, Samples& out) {
           if (const auto verdict = probe.last->client.verdict) out.add(1, {word(*verdict)});
         }},
    {.name = "mtls_client_ca_listed",
     .help = "1 when the server's list of acceptable CAs names an issuer of our identity or is empty, else 0.",
     .samples = [](const ProbeRow& probe, Samples& out) { out.add(probe.last->client.issuer_listed); }},
    {.name = "mtls_acceptable_cas",
     .help = "Length of the server's list of acceptable CAs.",
     .samples =
         [](const ProbeRow& probe, Samples& out) {
           if (const auto& list = probe.last->client.acceptable) out.add(list->count);
         }},
    {.name = "mtls_acceptable_cas_info",
     .more = {"digest"},
     .help = "1: a digest that changes exactly when the server's list of acceptable CAs does.",
     .samples =
         [](const ProbeRow& probe, Samples& out) {
           if (const auto& list = probe.last->client.acceptable) out.add(1, {list->digest});
         }},
    {.name = "mtls_acceptable_ca_info",
     .detail = Detail::full,
     .more = {"name"},
     .help = "1 per name in the server's list of acceptable CAs, of the first hundred.",
     .samples =
         [](const ProbeRow& probe, Samples& out) {
           if (const auto& list = probe.last->client.acceptable)
             for (std::size_t i = 0; i < std::min<std::size_t>(list->names.size(), 100); ++i) out.add(1, {list->names[i]});
         }},
    {.name = "mtls_acceptable_cas_problem",
     .more = {"problem"},
     .help = "1 per finding about the server's list of acceptable CAs: empty, public_root, expired_ca.",
     .samples =
         [](const ProbeRow& probe, Samples& out) {
           if (const auto& list = probe.last->client.acceptable)
             for (const std::string& problem : list->problems) out.add(1, {problem});
         }},
    {.name = "mtls_client_auth_mode",
     .more = {"mode"},
     .help = "1: how the door is kept: none, optional, required, any_certificate (a hole), open (a hole), undetermined.",
     .samples =
         [](const WatchRow& watch, Samples& out) {
           if (const auto mode = watch.slot->door.mode) out.add(1, {word(*mode)});
         }},
    {.name = "mtls_client_auth_enforced",
     .detail = Detail::lean,
     .help = "1 when the door turns away whom it must, 0 when it is a hole; absent while undetermined.",
     .samples = [](const WatchRow& watch, Samples& out) { out.add(enforced(watch.slot->door, watch.module().client_auth)); }},
    {.name = "mtls_client_auth_knock",
     .more = {"knock", "answer"},
     .help = "1 per knock (anonymous, rogue or an identity) and its answer: refused, admitted, undetermined.",
     .samples =
         [](const WatchRow& watch, Samples& out) {
           for (const auto& [knock, record] : watch.slot->door.knocks) out.add(1, {knock, word(record.answer)});
         }},
    {.name = "mtls_identity_usable",
     .detail = Detail::lean,
     .help = "1 when a handshake can be attempted with the identity, else 0.",
     .samples = [](const IdentityRow& identity, Samples& out) { out.add(identity.slot->usable); }},
    {.name = "mtls_identity_problem",
     .detail = Detail::lean,
     .more = {"problem"},
     .help = "1 per finding about the identity: files, key, passphrase, dates, purpose, chain.",
     .samples =
         [](const IdentityRow& identity, Samples& out) {
           for (const Problem& problem : identity.slot->problems) out.add(1, {word(problem.finding)});
         }},
};

}  // namespace

std::span<const Family> client_families() { return table; }

}  // namespace exporter::metrics
