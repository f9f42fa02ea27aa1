#include "exporter/api/watch_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exporter/api/alerts.h"
#include "exporter/api/remedies.h"
#include "exporter/api/slot_json.h"
#include "exporter/estate/door.h"
#include "exporter/explain/facts_json.h"
#include "exporter/explain/phrases.h"
#include "exporter/metrics/label.h"

namespace exporter::api {

using Json = nlohmann::ordered_json;
using explain::time_text;
using metrics::clean_label;
using namespace probes::observations;

namespace {

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

template <typename Enumerator>
Json word_or_null(const std::optional<Enumerator>& value) {
  return value ? Json(word(*value)) : Json(nullptr);
}

Json words_of(const std::vector<Expectation>& expectations) {
  Json words = Json::array();
  for (const Expectation broken : expectations) words.push_back(word(broken));
  return words;
}

// Words, each once, of what is worse than worth knowing.
Json finding_words(const ChainJudgementPtr& chain) {
  Json words = Json::array();
  if (!chain) return words;
  for (const Problem& problem : chain->problems)
    if (problem.severity != Severity::info && std::find(words.begin(), words.end(), word(problem.finding)) == words.end())
      words.push_back(word(problem.finding));
  return words;
}

void add_failure(Json& line, const Failure* failure) {
  line["stage"] = failure ? Json(word(failure->stage)) : Json(nullptr);
  line["reason"] = failure ? Json(word(failure->reason)) : Json(nullptr);
  line["alert"] = failure && failure->alert ? Json(alert_word(*failure->alert)) : Json(nullptr);
}

void add_last_probe(Json& line, const WatchSlot& slot) {
  const Handshake* last = slot.last ? &*slot.last : nullptr;
  const ChainJudgementPtr chain = last ? last->chain : nullptr;
  add_failure(line, last ? last->failure() : nullptr);
  line["verdict"] = word_or_null(last ? last->client.verdict : std::nullopt);
  line["chain_valid"] = chain ? Json(chain->valid) : Json(nullptr);
  line["chain_complete"] = chain ? Json(chain->complete) : Json(nullptr);
  line["hostname_match"] = or_null(last ? last->hostname_match : std::nullopt);
  line["findings"] = finding_words(chain);
  line["mode"] = word_or_null(slot.door.mode);
  line["enforced"] = or_null(enforced(slot.door, slot.target->module->client_auth));
  line["probed"] = last ? Json(time_text(last->finished)) : Json(nullptr);
}

Json labels_json(const config::Labels& labels) {
  Json object = Json::object();
  for (const auto& [name, value] : labels) object[name] = clean_label(value);
  return object;
}

Json knocks_json(const Door& door) {
  Json knocks = Json::array();
  for (const auto& [knock, record] : door.knocks)
    knocks.push_back({{"knock", knock}, {"answer", word(record.answer)}, {"at", time_text(record.at)}});
  return knocks;
}

Json history_json(const std::vector<HistoryEntry>& history) {
  Json entries = Json::array();
  for (const HistoryEntry& entry : history)
    entries.push_back({{"at", time_text(entry.at)},
                       {"duration_seconds", std::chrono::duration<double>(entry.duration).count()},
                       {"stage", entry.failure ? Json(word(entry.failure->stage)) : Json(nullptr)},
                       {"reason", entry.failure ? Json(word(entry.failure->reason)) : Json(nullptr)},
                       {"alert", entry.alert ? Json(alert_word(*entry.alert)) : Json(nullptr)},
                       {"broken", words_of(expectations_of(entry.broken))}});
  return entries;
}

Json door_changes_json(const std::vector<DoorChange>& changes) {
  Json entries = Json::array();
  for (const DoorChange& change : changes)
    entries.push_back({{"at", time_text(change.at)}, {"mode", word(change.mode)}, {"enforced", or_null(change.enforced)}});
  return entries;
}

Json links_json(const std::vector<Link>& links) {
  Json entries = Json::array();
  for (const Link& link : links) entries.push_back({{"kind", link.kind}, {"name", link.name}, {"url", link.url}});
  return entries;
}

// By fingerprint, of those that end soon; of what was not sent, the rest of the path.
Json severities_json(const Received& received, WallTime now) {
  Json object = Json::object();
  const auto add = [&](const std::vector<CertificatePtr>& certificates) {
    for (const CertificatePtr& certificate : certificates)
      if (const auto severity = expiry_severity(*certificate, now); severity != ExpirySeverity::none)
        object[std::string(certificate->fingerprint_sha256())] = word(severity);
  };
  add(received.certificates);
  if (received.chain) add(received.chain->path);
  return object;
}

Json received_json(const std::optional<Received>& received, WallTime now) {
  if (!received) return nullptr;
  return {{"at", time_text(received->at)},
          {"certificates", explain::certificates_json(received->certificates)},
          {"chain", explain::chain_json(received->chain)},
          {"hostname_match", or_null(received->hostname_match)},
          {"expiry_severities", severities_json(*received, now)}};
}

Json last_failure_json(const std::optional<LastFailure>& last) {
  if (!last) return nullptr;
  Json failure = explain::failure_json(&last->failure);
  failure["at"] = time_text(last->at);
  return failure;
}

}  // namespace

Json watch_line(const WatchSlot& slot, const Standing& standing, WallTime now) {
  const config::Target& target = *slot.target;
  const auto end = ending(slot);
  Json line = {{"target", clean_label(target.name)},
               {"identity", clean_label(slot.identity)},
               {"resolved_address", clean_label(target.address)},
               {"endpoint", clean_label(slot.last ? slot.last->endpoint : "")},
               {"module", target.module->name},
               {"labels", labels_json(target.labels)},
               {"state", word(standing.state)},
               {"cause", standing.cause},
               {"cause_word", standing.word},
               {"expectation_failed", words_of(standing.broken)},
               {"expiry", end ? Json(time_text(*end)) : Json(nullptr)},
               {"expiry_days", end ? Json(days_left(*end, now)) : Json(nullptr)},
               {"expiry_unreadable", ending_unreadable(slot)},
               {"ends_soon", ends_soon(slot, now)},
               {"expiry_severity", severity_json(expiry_severity(slot, now))}};
  add_last_probe(line, slot);
  return line;
}

Json watch_account(const WatchSlot& slot, const IdentitySlot* identity, WallTime now,
                   std::shared_ptr<const explain::KnownStores> stores, const Offers& offers) {
  const Standing stands = standing(slot, now);
  const explain::Asked asked = asked_by(slot, identity, std::move(stores));
  Json account = watch_line(slot, stands, now);
  account["address"] = explain::target_address(asked);
  account["server_name"] = explain::server_name(asked);
  account["trust"] = asked.trust;
  account["interval_seconds"] = std::chrono::duration<double>(slot.target->module->interval).count();
  account["probes_total"] = slot.probes;
  account["failures_total"] = slot.failures;
  account["remedies"] = remedies(slot, stands, asked, now);
  account["last"] = slot.last ? explain::observation_json(*slot.last) : Json(nullptr);
  account["received"] = received_json(slot.received, now);
  account["last_failure"] = last_failure_json(slot.last_failure);
  account["knocks"] = knocks_json(slot.door);
  account["history"] = history_json(slot.history);
  account["door_changes"] = door_changes_json(slot.door_changes);
  const auto alerts = alerts_of(slot, stands, now);
  account["alerts"] = alerts;
  account["links"] = links_json(links_of(slot, alerts, offers));
  account["presented"] = explain::certificates_json(asked.presented);
  return account;
}

}  // namespace exporter::api
