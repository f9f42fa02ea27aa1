#include "exporter/api/estate_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "exporter/api/callers_json.h"
#include "exporter/api/estate_document.h"
#include "exporter/api/expiries.h"
#include "exporter/api/remedies.h"
#include "exporter/api/watch_json.h"
#include "exporter/explain/facts_json.h"
#include "exporter/metrics/label.h"
#include "exporter/version.h"

namespace exporter::api {

using Json = nlohmann::ordered_json;
using explain::time_text;
using metrics::clean_label;
using namespace probes::observations;

namespace {

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json counts_json(const std::array<std::size_t, 4>& counts) {
  Json object = Json::object();
  for (const State state : {State::failed, State::attention, State::pending, State::good})
    object[std::string(word(state))] = counts[static_cast<std::size_t>(state)];
  return object;
}

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

// The chain above an identity is its own file's: the first certificate to end, ends it.
Json identity_json(const IdentitySlot& slot, WallTime now) {
  Json object = {{"identity", clean_label(slot.name)},
                 {"labels", slot.labels},
                 {"usable", slot.usable},
                 {"subject_cn", slot.certificates.empty() ? "" : clean_label(name_or_serial(*slot.certificates.front()))},
                 {"issuer_cn", slot.certificates.empty() ? "" : clean_label(slot.certificates.front()->issuer_common_name())},
                 {"chain_valid", slot.chain ? Json(slot.chain->valid) : Json(nullptr)},
                 {"problems", explain::problems_json(slot.problems)}};
  add_end(object, ends_of_chain(slot.certificates), now);
  return object;
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

// A door's callers in this answer; /api/v1/callers has all.
constexpr std::size_t callers_shown = 200;

// A set of files, an authority, a door. Of what it publishes, the first to end.
Json source_json(const SourceSlot& slot, WallTime now) {
  Ends ends;
  for (const RestingCertificate& one : slot.published) ends.add(*one.certificate);
  Json object = {{"source", word(slot.key.kind)},
                 {"name", clean_label(slot.key.name)},
                 {"labels", slot.labels},
                 {"up", slot.up},
                 {"certificates", slot.certificates},
                 {"states", states_json(slot)},
                 {"revocations_unmatched", unmatched_json(slot)},
                 {"errors", errors_json(slot.errors)}};
  add_end(object, ends, now);
  return object;
}

Json trust_json(const TrustSlot& slot, WallTime now) {
  Json object = {{"name", clean_label(slot.name)},
                 {"labels", slot.labels},
                 {"up", slot.up},
                 {"certificates", slot.certificates.size()},
                 {"errors", errors_json(slot.errors)}};
  add_end(object, ends_of(slot.certificates), now);
  return object;
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

Json discovery_json(const DiscoverySlot& slot) {
  return {{"name", clean_label(slot.name)},
          {"labels", slot.labels},
          {"up", slot.up},
          {"targets", slot.targets},
          {"refreshed", slot.refreshed ? Json(time_text(*slot.refreshed)) : Json(nullptr)},
          {"errors", errors_json(slot.errors)},
          {"troubles", troubles_json(slot.troubles)},
          {"troubles_total", slot.troubles_total}};
}

Json expiries_json(const Expiries& expiries, WallTime now) {
  Json all = Json::array();
  for (const Expiry& expiry : expiries.soonest()) {
    const Certificate& certificate = *expiry.certificate;
    Json places = Json::array();
    for (const Place& place : expiry.places) places.push_back({{"source", place.source}, {"name", clean_label(place.name)}});
    Json object = {{"subject_cn", clean_label(name_or_serial(certificate))},
                   {"issuer_cn", clean_label(certificate.issuer_common_name())},
                   {"fingerprint_sha256", certificate.fingerprint_sha256()},
                   {"authority", certificate.authority()},
                   {"places", std::move(places)},
                   {"places_total", expiry.seen}};
    const auto end = *certificate.not_after();
    object["expiry"] = time_text(end);
    object["expiry_days"] = days_left(end, now);
    object["ends_soon"] = ends_soon(certificate, end, now, std::nullopt);
    all.push_back(std::move(object));
  }
  return all;
}

}  // namespace

Json estate_document(const Estate& estate, WallTime now, const Filter& filter) {
  Expiries expiries(now);
  std::array<std::size_t, 4> counts{};
  Json watches = Json::array(), identities = Json::array(), trust = Json::array(), sources = Json::array(),
       callers = Json::array(), discoveries = Json::array();
  for (const auto& slot : estate.watches()) {
    if (!filter.takes_source("server") || !filter.takes(slot->target->labels)) continue;
    const Standing stands = standing(*slot, now);
    if (!filter.takes_state(word(stands.state))) continue;
    ++counts[static_cast<std::size_t>(stands.state)];
    watches.push_back(watch_line(*slot, stands, now));
    if (slot->received) expiries.add(slot->received->certificates, "server", slot->target->name);
  }
  for (const auto& slot : estate.identities()) {
    if (!filter.takes_source("identity") || !filter.takes(slot->labels)) continue;
    identities.push_back(identity_json(*slot, now));
    expiries.add(slot->certificates, "identity", slot->name);
  }
  for (const auto& slot : estate.trusts()) {
    if (!filter.takes_source("trust") || !filter.takes(slot->labels)) continue;
    trust.push_back(trust_json(*slot, now));
    expiries.add(slot->certificates, "trust", slot->name);
  }
  for (const auto& slot : estate.sources()) {
    if (!filter.takes_source(word(slot->key.kind)) || !filter.takes(slot->labels)) continue;
    sources.push_back(source_json(*slot, now));
    for (Json& one : callers_of(*slot, now, callers_shown)) callers.push_back(std::move(one));
    expiries.add(*slot);
  }
  for (const auto& slot : estate.discoveries())
    if (filter.takes(slot->labels)) discoveries.push_back(discovery_json(*slot));
  return {{"version", version()},
          {"revision", build().revision},
          {"openssl", build().openssl},
          {"at", time_text(now)},
          {"counts", counts_json(counts)},
          {"watches", std::move(watches)},
          {"identities", std::move(identities)},
          {"trust", std::move(trust)},
          {"sources", std::move(sources)},
          {"callers", std::move(callers)},
          {"discoveries", std::move(discoveries)},
          {"expiries", expiries_json(expiries, now)},
          {"expiries_total", expiries.size()},
          {"expiries_by_day", expiries.by_day()}};
}

std::string estate_json(const Estate& estate, WallTime now, const Filter& filter) {
  return text_of(estate_document(estate, now, filter));
}

std::optional<std::string> target_json(const Estate& estate, const std::string& name, WallTime now) {
  const auto identities = estate.identities();
  const auto identity_named = [&](const std::string& wanted) -> const IdentitySlot* {
    const auto found = std::find_if(identities.begin(), identities.end(), [&](const auto& slot) { return slot->name == wanted; });
    return found == identities.end() ? nullptr : found->get();
  };
  Json watches = Json::array();
  const auto stores = known_stores(estate);
  for (const auto& slot : estate.watches())
    if (slot->target->name == name) watches.push_back(watch_account(*slot, identity_named(slot->identity), now, stores));
  if (watches.empty()) return std::nullopt;
  return text_of({{"target", name}, {"at", time_text(now)}, {"watches", std::move(watches)}});
}

}  // namespace exporter::api
