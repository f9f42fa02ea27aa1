#include "exporter/api/slot_json.h"

#include <nlohmann/json.hpp>

#include "exporter/api/slot_states.h"
#include "exporter/explain/facts_json.h"
#include "exporter/metrics/label.h"

namespace exporter::api {

using Json = nlohmann::ordered_json;
using explain::time_text;
using metrics::clean_label;
using namespace probes::observations;

namespace {

// What ends first, and whether there is something whose end cannot be read.
struct Ends {
  Date first;
  bool unreadable = false;

  void add(const Certificate& certificate) {
    const Date end = certificate.not_after();
    if (!end) unreadable = true;
    else first = first ? earlier(first, end) : end;
  }
};

Ends ends_of(const std::vector<CertificatePtr>& certificates) {
  Ends ends;
  for (const CertificatePtr& certificate : certificates) ends.add(*certificate);
  return ends;
}

void add_end(Json& object, const Ends& ends, WallTime now) {
  object["expiry"] = ends.first ? Json(time_text(*ends.first)) : Json(nullptr);
  object["expiry_days"] = ends.first ? Json(days_left(*ends.first, now)) : Json(nullptr);
  object["expiry_unreadable"] = ends.unreadable;
}

// Of certificates that make a chain, one without an end that can be read may be the first to end.
Ends ends_of_chain(const std::vector<CertificatePtr>& certificates) {
  Ends ends = ends_of(certificates);
  if (ends.unreadable) ends.first = {};
  return ends;
}

Json errors_json(const SourceErrors& errors) {
  Json object = Json::object();
  for (const auto& [reason, count] : errors) object[std::string(word(reason))] = count;
  return object;
}

Json states_json(const SourceSlot& slot) {
  if (slot.callers) {
    Json object = Json::object();
    for (const CallerState state : all_caller_states())
      object[std::string(word(state))] = slot.callers->counts[static_cast<std::size_t>(state)];
    return object;
  }
  if (!slot.states) return nullptr;
  Json object = Json::object();
  for (std::size_t state = 0; state < slot.states->size(); ++state)
    object[std::string(word(static_cast<IssuedState>(state)))] = (*slot.states)[state];
  return object;
}

Json unmatched_json(const SourceSlot& slot) {
  if (!slot.published_revocations) return nullptr;
  const PublishedRevocations& found = *slot.published_revocations;
  return {{"only_in_index", found.only_in_database},
          {"only_in_list", found.only_in_lists},
          {"unlisted", found.unlisted},
          {"lists", found.lists}};
}

Json troubles_json(const std::vector<Trouble>& troubles) {
  Json all = Json::array();
  for (const Trouble& trouble : troubles)
    all.push_back({{"place", clean_label(trouble.path)},
                   {"line", trouble.line > 0 ? Json(trouble.line) : Json(nullptr)},
                   {"reason", word(trouble.reason)},
                   {"detail", clean_label(trouble.detail)}});
  return all;
}

}  // namespace

Json severity_json(ExpirySeverity severity) { return severity == ExpirySeverity::none ? Json(nullptr) : Json(word(severity)); }

// The chain above an identity is its own file's: the first certificate to end, ends it.
Json identity_json(const IdentitySlot& slot, State state, WallTime now) {
  Json object = {{"identity", clean_label(slot.name)},
                 {"state", word(state)},
                 {"labels", slot.labels},
                 {"usable", slot.usable},
                 {"subject_cn", slot.certificates.empty() ? "" : clean_label(name_or_serial(*slot.certificates.front()))},
                 {"issuer_cn", slot.certificates.empty() ? "" : clean_label(slot.certificates.front()->issuer_common_name())},
                 {"chain_valid", slot.chain ? Json(slot.chain->valid) : Json(nullptr)},
                 {"problems", explain::problems_json(slot.problems)}};
  add_end(object, ends_of_chain(slot.certificates), now);
  object["expiry_severity"] = severity_json(severity_now(slot, now));
  return object;
}

// A set of files, an authority, a door. Of what it publishes, the first to end.
Json source_json(const SourceSlot& slot, State state, WallTime now) {
  Ends ends;
  for (const RestingCertificate& one : slot.published) ends.add(*one.certificate);
  Json object = {{"source", word(slot.key.kind)},
                 {"name", clean_label(slot.key.name)},
                 {"state", word(state)},
                 {"labels", slot.labels},
                 {"up", slot.up},
                 {"certificates", slot.certificates},
                 {"states", states_json(slot)},
                 {"revocations_unmatched", unmatched_json(slot)},
                 {"errors", errors_json(slot.errors)}};
  add_end(object, ends, now);
  object["expiry_severity"] = severity_json(severity_now(slot, now));
  return object;
}

Json trust_json(const TrustSlot& slot, State state, WallTime now) {
  Json object = {{"name", clean_label(slot.name)},
                 {"state", word(state)},
                 {"labels", slot.labels},
                 {"up", slot.up},
                 {"certificates", slot.certificates.size()},
                 {"errors", errors_json(slot.errors)}};
  add_end(object, ends_of(slot.certificates), now);
  return object;
}

Json discovery_json(const DiscoverySlot& slot, State state) {
  return {{"name", clean_label(slot.name)},
          {"state", word(state)},
          {"labels", slot.labels},
          {"up", slot.up},
          {"targets", slot.targets},
          {"refreshed", slot.refreshed ? Json(time_text(*slot.refreshed)) : Json(nullptr)},
          {"errors", errors_json(slot.errors)},
          {"troubles", troubles_json(slot.troubles)},
          {"troubles_total", slot.troubles_total}};
}

}  // namespace exporter::api
