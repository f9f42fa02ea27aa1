#include "exporter/metrics/rows.h"

#include <string_view>

#include "exporter/metrics/label.h"
#include "exporter/metrics/row_labels.h"

namespace exporter::metrics {

using probes::observations::CertificatePtr;
using probes::observations::ChainJudgement;
using probes::observations::Problem;
using probes::observations::Subject;

namespace {

std::vector<CertificateRow> chain_rows(const Place& place, const std::vector<CertificatePtr>& certificates,
                                       std::optional<WallTime> last_seen) {
  std::vector<CertificateRow> found;
  found.reserve(certificates.size());
  for (std::size_t position = 0; position < certificates.size(); ++position) {
    const bool leaf = position == 0;
    found.push_back({.labels = certificate_labels(place, std::to_string(position), name_or_serial(*certificates[position])),
                     .certificate = certificates[position].get(),
                     .leaf = leaf,
                     .last_seen = leaf ? last_seen : std::nullopt});
  }
  return found;
}

// Gives every certificate row its findings; a finding without a position is the leaf's.
void attach(const std::vector<Problem>& problems, std::vector<CertificateRow>& certificates) {
  for (const Problem& problem : problems) {
    if (row(problem.finding).subject != Subject::certificate) continue;
    const auto position = static_cast<std::size_t>(problem.position.value_or(0));
    if (position < certificates.size()) certificates[position].problems.push_back(&problem);
  }
}

}  // namespace

Rows rows(const WatchSlot& slot, const Scope& scope) {
  const Place place{"server", slot.target->name, slot.identity, merged(slot.target->labels, scope.labels), slot.target->address};
  Rows found;
  found.watches.push_back({.labels = watch_labels(place), .slot = &slot});
  if (slot.last)
    found.probes.push_back({.labels = found.watches.front().labels, .last = &*slot.last, .broken = broken_expectations(slot)});
  if (!slot.received) return found;
  const Received& received = *slot.received;
  found.certificates = chain_rows(place, received.certificates, received.at);
  found.stored = stored_rows(place, slot);
  if (!received.chain) return found;
  attach(received.chain->problems, found.certificates);
  // Dates are facts and outlive a failed probe; verdicts are the last probe's own.
  const ChainJudgement* judged = slot.last ? slot.last->chain.get() : nullptr;
  found.chains.push_back({.labels = chain_labels(place),
                          .judgement = judged,
                          .hostname_match = slot.last ? slot.last->hostname_match : std::nullopt,
                          .expiry = received.chain->expiry});
  return found;
}

Rows rows(const IdentitySlot& slot, const Scope& scope) {
  const Place place{"identity", slot.name, slot.name, merged(slot.labels, scope.labels)};
  Rows found;
  found.certificates = chain_rows(place, slot.certificates, std::nullopt);
  attach(slot.problems, found.certificates);
  IdentityRow identity{.slot = &slot};
  append_label(identity.labels, "identity", slot.name);
  append_labels(identity.labels, place.labels);
  found.identities.push_back(std::move(identity));
  if (!slot.chain) return found;
  attach(slot.chain->problems, found.certificates);
  found.chains.push_back({.labels = chain_labels(place), .judgement = slot.chain.get(), .expiry = slot.chain->expiry});
  return found;
}

Rows rows(const TrustSlot& slot, const Scope& scope) {
  const Place place{"trust", slot.name, "", merged(slot.labels, scope.labels)};
  Rows found;
  found.certificates = chain_rows(place, slot.certificates, std::nullopt);
  for (CertificateRow& anchor : found.certificates) anchor.leaf = true;
  attach(slot.problems, found.certificates);
  found.sources.push_back({.labels = source_labels(place, slot.name),
                           .up = slot.up,
                           .certificates = slot.certificates.size(),
                           .dropped = 0,
                           .errors = &slot.errors});
  found.revocation_lists = revocation_list_rows(place, slot.name, slot.revocation_lists);
  return found;
}

Rows rows(const DiscoverySlot& slot, const Scope& scope) {
  SourceRow source{
      .up = slot.up, .certificates = std::nullopt, .targets = slot.targets, .refreshed = slot.refreshed, .errors = &slot.errors};
  append_label(source.labels, "source", "discovery");
  append_label(source.labels, "name", slot.name);
  append_labels(source.labels, merged(slot.labels, scope.labels));
  Rows found;
  found.sources.push_back(std::move(source));
  return found;
}

}  // namespace exporter::metrics
