// What is worked out of the estate as a whole: what depends on each CA, how far rotations are, which keys are shared.
#include "exporter/metrics/family.h"

namespace exporter::metrics {

namespace {

using config::Detail;

// One sample for each step.
void each_step(const RotationRow& row, std::uint64_t RotationCounts::*count, Samples& out) {
  for (const RotationStep step : all_rotation_steps()) out.add(row.steps[static_cast<std::size_t>(step)].*count, {word(step)});
}

constexpr Family table[] = {
    {.name = "mtls_issuer_dependents",
     .more = {"kind"},
     .help =
         "What breaks when this CA ends: servers, identities, files, callers, issued certificates, and doors that name it. A CA "
         "is its key; issuer_key is empty where only its name is known and does not tell which key is meant.",
     .samples =
         [](const DependentsRow& row, Samples& out) {
           for (const DependentKind kind : all_dependent_kinds())
             if (const auto count = row.counts[static_cast<std::size_t>(kind)]) out.add(count, {word(kind)});
         }},
    {.name = "mtls_rotation_pending",
     .detail = Detail::lean,
     .more = {"step"},
     .help = "How many still stand in the way of a step of the rotation: trust_new, servers, clients, trust_old, in this order.",
     .samples = [](const RotationRow& row, Samples& out) { each_step(row, &RotationCounts::pending, out); }},
    {.name = "mtls_rotation_unknown",
     .detail = Detail::lean,
     .more = {"step"},
     .help = "Of how many it cannot be told whether they stand in the way; a step is safe only where this and "
             "mtls_rotation_pending are 0 for every step before it.",
     .samples = [](const RotationRow& row, Samples& out) { each_step(row, &RotationCounts::unknown, out); }},
    {.name = "mtls_rotation_out_of_order",
     .detail = Detail::lean,
     .more = {"step"},
     .help = "How many have taken a step before its turn and are refused, or not trusted, for it.",
     .samples = [](const RotationRow& row, Samples& out) { each_step(row, &RotationCounts::out_of_order, out); }},
    {.name = "mtls_key_places",
     .help =
         "Certificates of different subjects or owners that share this key, where there are two or more: the 200 keys with the "
         "most. fingerprint_key: the first 8 octets of the SHA-256 of the public key.",
     .samples = [](const KeyRow& row, Samples& out) { out.add(std::uint64_t{row.places}); }},
};

}  // namespace

std::span<const Family> issuer_families() { return table; }

}  // namespace exporter::metrics
