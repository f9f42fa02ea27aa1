#include "exporter/api/estate_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "exporter/api/callers_json.h"
#include "exporter/api/estate_document.h"
#include "exporter/api/expiries.h"
#include "exporter/api/remedies.h"
#include "exporter/api/selection.h"
#include "exporter/api/slot_json.h"
#include "exporter/api/watch_json.h"
#include "exporter/estate/door.h"
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

// A door's callers in this answer; /api/v1/callers has all.
constexpr std::size_t callers_shown = 200;

// All of them are there, also where there is none of the kind.
Json counts_json(const Selection& chosen, std::string_view kind) {
  const auto found = chosen.counts.find(kind);
  Json object = Json::object();
  for (const State state : {State::failed, State::attention, State::pending, State::good})
    object[std::string(word(state))] = found == chosen.counts.end() ? 0 : found->second[static_cast<std::size_t>(state)];
  return object;
}

Json counts_by_kind(const Selection& chosen) {
  Json object = Json::object();
  for (const auto& [kind, counts] : chosen.counts) object[std::string(kind)] = counts_json(chosen, kind);
  return object;
}

// The targets whose doors let in whom they must not, each once.
Json strangers_json(const Selection& chosen) {
  std::set<std::string> targets;
  for (const ChosenWatch& one : chosen.watches)
    if (enforced(one.slot->door, one.slot->target->module->client_auth) == false)
      targets.insert(clean_label(one.slot->target->name));
  return targets;
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
    const ExpirySeverity severity = expiry.in_use ? expiry_severity(certificate, now) : ExpirySeverity::none;
    object["ends_soon"] = severity != ExpirySeverity::none;
    object["expiry_severity"] = severity_json(severity);
    all.push_back(std::move(object));
  }
  return all;
}

}  // namespace

Json estate_document(const Estate& estate, WallTime now, const Filter& filter) {
  const Selection chosen = selection(estate, now, filter);
  const Expiries expiries = expiries_of(chosen, now);
  Json watches = Json::array(), identities = Json::array(), trust = Json::array(), sources = Json::array(),
       callers = Json::array(), discoveries = Json::array();
  for (const ChosenWatch& one : chosen.watches) watches.push_back(watch_line(*one.slot, one.standing, now));
  for (const auto& one : chosen.identities) identities.push_back(identity_json(*one.slot, one.state, now));
  for (const auto& one : chosen.trust) trust.push_back(trust_json(*one.slot, one.state, now));
  for (const auto& one : chosen.sources) sources.push_back(source_json(*one.slot, one.state, now));
  for (const ChosenCallers& one : chosen.callers)
    for (Json& caller : callers_of(one, now, callers_shown)) callers.push_back(std::move(caller));
  for (const auto& one : chosen.discoveries) discoveries.push_back(discovery_json(*one.slot, one.state));
  return {{"version", version()},
          {"revision", build().revision},
          {"openssl", build().openssl},
          {"at", time_text(now)},
          {"counts", counts_json(chosen, "server")},
          {"counts_by_kind", counts_by_kind(chosen)},
          {"strangers_get_in", strangers_json(chosen)},
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

std::optional<std::string> target_json(const Estate& estate, const std::string& name, WallTime now, const Offers& offers) {
  const auto identities = estate.identities();
  const auto identity_named = [&](const std::string& wanted) -> const IdentitySlot* {
    const auto found = std::find_if(identities.begin(), identities.end(), [&](const auto& slot) { return slot->name == wanted; });
    return found == identities.end() ? nullptr : found->get();
  };
  Json watches = Json::array();
  const auto stores = known_stores(estate);
  for (const auto& slot : estate.watches())
    if (slot->target->name == name) watches.push_back(watch_account(*slot, identity_named(slot->identity), now, stores, offers));
  if (watches.empty()) return std::nullopt;
  return text_of({{"target", name}, {"at", time_text(now)}, {"probe_now", offers.probe_now}, {"watches", std::move(watches)}});
}

}  // namespace exporter::api
