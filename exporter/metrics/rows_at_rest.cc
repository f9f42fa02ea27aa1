// Sets of files and authorities as rows.
#include "exporter/metrics/label.h"
#include "exporter/metrics/row_labels.h"
#include "exporter/metrics/rows.h"

namespace exporter::metrics {

using probes::observations::Problem;
using probes::observations::Subject;

namespace {

// A certificate's own findings. The chain's judgement has those of all its certificates: the leaf's are its first.
std::vector<const Problem*> problems_of(const RestingCertificate& resting) {
  std::vector<const Problem*> found;
  if (resting.problems)
    for (const Problem& problem : *resting.problems)
      if (row(problem.finding).subject == Subject::certificate) found.push_back(&problem);
  if (!resting.chain) return found;
  for (const Problem& problem : resting.chain->problems)
    if (row(problem.finding).subject == Subject::certificate && problem.position.value_or(0) == 0) found.push_back(&problem);
  return found;
}

// An authority tells its certificates apart by their serials; one that cannot be read is known by its fingerprint.
std::string position_of(const RestingCertificate& resting, SourceKind kind) {
  if (kind != SourceKind::authority) return std::to_string(resting.position);
  const auto serial = resting.certificate->serial();
  return std::string(serial.empty() ? resting.certificate->fingerprint_sha256().substr(0, 16) : serial);
}

RevocationListRow row_without_list(const Place& place, const SourceSlot& slot) {
  RevocationListRow row{.labels = {}, .list = nullptr, .up = slot.up && slot.key.kind == SourceKind::responder};
  append_label(row.labels, "source", place.source);
  append_label(row.labels, "name", slot.key.name);
  append_label(row.labels, "issuer", "");
  append_labels(row.labels, place.labels);
  return row;
}

}  // namespace

Rows rows(const SourceSlot& slot, const Scope& scope) {
  if (slot.callers) return rows_of_callers(slot, scope);
  Place place{word(slot.key.kind), "", "", merged(slot.labels, scope.labels)};
  Rows found;
  found.certificates.reserve(slot.published.size());
  for (const RestingCertificate& resting : slot.published) {
    place.target = resting.place.text();
    const std::string position = position_of(resting, slot.key.kind);
    found.certificates.push_back({.labels = certificate_labels(place, position, name_or_serial(*resting.certificate)),
                                  .certificate = resting.certificate.get(),
                                  .listed_only = resting.listed_only,
                                  .leaf = resting.leaf,
                                  .last_seen = std::nullopt,
                                  .problems = problems_of(resting)});
    if (resting.chain)
      found.chains.push_back({.labels = chain_labels(place),
                              .judgement = resting.chain.get(),
                              .hostname_match = std::nullopt,
                              .expiry = resting.chain->expiry});
  }
  found.sources.push_back({.labels = source_labels(place, slot.key.name), .up = slot.up, .errors = &slot.errors});
  found.revocation_lists = revocation_list_rows(place, slot.key.name, slot.revocation_lists);
  if (is_remote(slot.key.kind)) {
    if (found.revocation_lists.empty()) found.revocation_lists.push_back(row_without_list(place, slot));
    return found;
  }
  found.sources.back().certificates = slot.certificates;
  found.sources.back().dropped = slot.dropped;
  if (!slot.states) return found;
  AuthorityRow authority{.labels = {}, .states = &*slot.states};
  if (slot.published_revocations) authority.published_revocations = &*slot.published_revocations;
  append_label(authority.labels, "name", slot.key.name);
  append_labels(authority.labels, place.labels);
  found.authorities.push_back(std::move(authority));
  return found;
}

}  // namespace exporter::metrics
