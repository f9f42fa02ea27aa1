// What the last probe of a target came to.
#include <chrono>

#include "exporter/metrics/family.h"

namespace exporter::metrics {

using namespace probes::observations;

namespace {

using config::Detail;

template <typename Duration>
double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

double timestamp(WallTime at) {
  return static_cast<double>(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

void add_failure(Samples& out, const Failure& failure) {
  out.add(1, {word(failure.stage), word(failure.reason), failure.alert ? alert_word(*failure.alert) : ""});
}

void add_phase(Samples& out, std::string_view phase, std::chrono::nanoseconds spent) {
  if (spent.count() > 0) out.add(seconds(spent), {phase});
}

constexpr Family table[] = {
    {.name = "mtls_probe_success",
     .detail = Detail::lean,
     .help = "1 when everything expected of the target held in the last probe, else 0.",
     .samples = [](const ProbeRow& probe, Samples& out) { out.add(probe.broken.empty()); }},
    {.name = "mtls_probe_expectation_failed",
     .more = {"expectation"},
     .help = "1 per broken expectation: handshake, chain, hostname, client_certificate, client_auth, application, revocation, "
             "certificate.",
     .samples =
         [](const ProbeRow& probe, Samples& out) {
           for (const Expectation broken : probe.broken) out.add(1, {word(broken)});
         }},
    {.name = "mtls_probe_timestamp_seconds",
     .detail = Detail::lean,
     .help = "When the last probe finished.",
     .samples = [](const ProbeRow& probe, Samples& out) { out.add(timestamp(probe.last->finished)); }},
    {.name = "mtls_probe_interval_seconds",
     .help = "How often the target is probed.",
     .samples = [](const WatchRow& watch, Samples& out) { out.add(seconds(watch.module().interval)); }},
    {.name = "mtls_probe_duration_seconds",
     .help = "How long the last probe took, our own queueing excluded.",
     .samples = [](const ProbeRow& probe, Samples& out) { out.add(seconds(probe.last->duration)); }},
    {.name = "mtls_probe_phase_duration_seconds",
     .detail = Detail::full,
     .more = {"phase"},
     .help =
         "How long each phase of the last probe took: resolve, connect, proxy, dialogue, handshake, verdict; those it entered.",
     .samples =
         [](const ProbeRow& probe, Samples& out) {
           const Phases& phases = probe.last->phases;
           add_phase(out, "resolve", phases.resolve);
           add_phase(out, "connect", phases.connect);
           add_phase(out, "proxy", phases.proxy);
           add_phase(out, "dialogue", phases.dialogue);
           add_phase(out, "handshake", phases.handshake);
           add_phase(out, "verdict", phases.verdict);
         }},
    {.name = "mtls_target_reachable",
     .detail = Detail::lean,
     .help = "1 when the last probe got a connection, else 0.",
     .samples = [](const ProbeRow& probe, Samples& out) { out.add(reached(*probe.last)); }},
    {.name = "mtls_handshake_failure",
     .detail = Detail::lean,
     .help = "1 when the last probe failed before or in the handshake or our certificate was refused, else 0.",
     .samples = [](const ProbeRow& probe, Samples& out) { out.add(handshake_failed(*probe.last)); }},
    {.name = "mtls_handshake_failure_info",
     .detail = Detail::lean,
     .more = {"stage", "reason", "alert"},
     .help = "1 while the last probe failed: at which stage, for which reason, with which TLS alert.",
     .samples =
         [](const ProbeRow& probe, Samples& out) {
           if (const Failure* failure = probe.last->failure()) add_failure(out, *failure);
         }},
    {.name = "mtls_handshake_last_failure_info",
     .more = {"stage", "reason", "alert"},
     .help = "1: the latest failure, kept for a day after the target has recovered.",
     .samples =
         [](const WatchRow& watch, Samples& out) {
           if (watch.slot->last_failure) add_failure(out, watch.slot->last_failure->failure);
         }},
    {.name = "mtls_probes_total",
     .type = Type::counter,
     .help = "Probes finished.",
     .samples = [](const WatchRow& watch, Samples& out) { out.add(watch.slot->probes); }},
    {.name = "mtls_handshake_failures_total",
     .type = Type::counter,
     .help = "Probes whose mtls_handshake_failure was 1.",
     .samples = [](const WatchRow& watch, Samples& out) { out.add(watch.slot->failures); }},
    {.name = "mtls_target_info",
     .more = {"endpoint", "module", "server_name"},
     .help = "1: where the last probe went, how the target is probed, and the name its certificate must carry.",
     .samples =
         [](const WatchRow& watch, Samples& out) {
           const config::Target& target = *watch.slot->target;
           out.add(1, {watch.slot->last ? watch.slot->last->endpoint : "", watch.module().name, config::server_name(target)});
         }},
    {.name = "mtls_listener_info",
     .more = {"process", "unit", "user"},
     .help = "1: who holds the target's port, where it was found among the ports of this host; empty where that is not known.",
     .samples =
         [](const WatchRow& watch, Samples& out) {
           if (const auto& holder = watch.slot->target->holder) out.add(1, {holder->process, holder->unit, holder->user});
         }},
    {.name = "mtls_target_addresses",
     .help = "Addresses that the target's name has, where all of them are watched; at most 16 are.",
     .samples = [](const AddressesRow& row, Samples& out) { out.add(row.addresses); }},
    {.name = "mtls_target_addresses_disagree",
     .help =
         "1 when addresses of one name show another leaf, judge our certificate otherwise, have another chain verdict, or differ "
         "in STARTTLS; else 0.",
     .samples = [](const AddressesRow& row, Samples& out) { out.add(row.disagree); }},
    {.name = "mtls_tls_info",
     .more = {"version", "cipher", "group", "alpn"},
     .help = "1: what the last probe negotiated.",
     .samples =
         [](const ProbeRow& probe, Samples& out) {
           if (const auto& was = probe.last->negotiated) out.add(1, {was->version, was->cipher, was->group, was->alpn});
         }},
    {.name = "mtls_certificate_threshold_days",
     .help = "Days before the end of a certificate at which this target wants an alert, where it says so.",
     .samples = [](const WatchRow& watch, Samples& out) { out.add(watch.module().findings.certificate_threshold_days); }},
};

}  // namespace

std::span<const Family> probe_families() { return table; }

}  // namespace exporter::metrics
