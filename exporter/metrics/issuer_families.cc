// What depends on each CA, and how far the rotations from one CA to another are.
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
};

}  // namespace

std::span<const Family> issuer_families() { return table; }

}  // namespace exporter::metrics
