// The callers of a door as rows.
#include "exporter/metrics/label.h"
#include "exporter/metrics/row_labels.h"
#include "exporter/metrics/rows.h"

namespace exporter::metrics {

using probes::observations::CertificatePtr;
using probes::observations::Finding;
using probes::observations::Problem;

namespace {

// What is wrong with a caller's certificate and with its chain: callers of a door share the labels of chains, and are told apart
// by those of certificates. What stands above the leaf is the trust store's; that it is revoked is among its own.
std::vector<const Problem*> problems_of(const RestingCertificate& resting) {
  std::vector<const Problem*> found;
  if (resting.problems)
    for (const Problem& problem : *resting.problems) found.push_back(&problem);
  if (resting.chain)
    for (const Problem& problem : resting.chain->problems)
      if (problem.position.value_or(0) == 0 && problem.finding != Finding::revoked) found.push_back(&problem);
  return found;
}

}  // namespace

// REQUIRES: slot.callers.
Rows rows_of_callers(const SourceSlot& slot, const Scope& scope) {
  const Place place{word(slot.key.kind), slot.key.name, "", merged(slot.labels, scope.labels)};
  Rows found;
  std::vector<CertificatePtr> certificates;
  for (const RestingCertificate& resting : slot.published) certificates.push_back(resting.certificate);
  const std::vector<std::string> positions = caller_positions(certificates, slot.callers->callers);
  for (std::size_t at = 0; at < slot.published.size(); ++at) {
    const RestingCertificate& resting = slot.published[at];
    const std::string labels = certificate_labels(place, positions[at], name_or_serial(*resting.certificate));
    found.certificates.push_back({.labels = labels,
                                  .certificate = resting.certificate.get(),
                                  .listed_only = resting.listed_only,
                                  .leaf = true,
                                  .last_seen = std::nullopt,
                                  .problems = problems_of(resting)});
    found.callers.push_back({.labels = labels, .caller = slot.callers->callers[at].get()});
  }
  found.sources.push_back({.labels = source_labels(place, slot.key.name),
                           .up = slot.up,
                           .certificates = slot.certificates,
                           .dropped = slot.dropped,
                           .errors = &slot.errors});
  DoorRow door{.labels = {}, .found = slot.callers.get()};
  append_label(door.labels, "name", slot.key.name);
  append_labels(door.labels, place.labels);
  found.doors.push_back(std::move(door));
  return found;
}

}  // namespace exporter::metrics
