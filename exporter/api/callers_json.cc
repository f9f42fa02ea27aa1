#include "exporter/api/callers_json.h"

#include <nlohmann/json.hpp>

#include <limits>

#include "exporter/api/slot_json.h"
#include "exporter/api/slot_states.h"
#include "exporter/estate/ends_soon.h"
#include "exporter/explain/facts_json.h"
#include "exporter/metrics/label.h"

namespace exporter::api {

using Json = nlohmann::ordered_json;
using explain::time_text;
using metrics::clean_label;
using probes::observations::Certificate;

namespace {

std::string seconds_text(WallTime at) { return time_text(std::chrono::floor<std::chrono::seconds>(at)); }

Json caller_json(const SourceSlot& slot, const Certificate& certificate, const Caller& caller, WallTime now) {
  Json addresses = Json::array();
  for (const std::string& address : caller.addresses) addresses.push_back(clean_label(address));
  const auto end = certificate.not_after();
  return {
      {"door", clean_label(slot.key.name)},
      {"subject_cn", clean_label(name_or_serial(certificate))},
      {"issuer_cn",
       clean_label(certificate.issuer_common_name().empty() ? certificate.issuer() : certificate.issuer_common_name())},
      {"serial", certificate.serial()},
      {"fingerprint", clean_label(caller.fingerprint)},
      {"state", word(caller.state)},
      {"standing", word(state_now(caller, now))},
      {"calling", now < caller.calls_until},
      {"first_seen", seconds_text(caller.first_seen)},
      {"last_seen", seconds_text(caller.last_seen)},
      {"accepted", caller.accepted},
      {"refused", caller.refused},
      {"server", clean_label(caller.server)},
      {"addresses", std::move(addresses)},
      {"more_addresses", caller.more_addresses},
      {"verification", clean_label(caller.verification)},
      {"labels", slot.labels},
      {"expiry", end ? Json(time_text(*end)) : Json(nullptr)},
      {"expiry_days", end ? Json(days_left(*end, now)) : Json(nullptr)},
      {"expiry_severity", severity_json(now < caller.calls_until ? expiry_severity(certificate, now) : ExpirySeverity::none)}};
}

}  // namespace

Json callers_of(const ChosenCallers& chosen, WallTime now, std::size_t most) {
  Json all = Json::array();
  const SourceSlot& slot = *chosen.slot;
  for (std::size_t one = 0; one < chosen.at.size() && one < most; ++one) {
    const std::size_t at = chosen.at[one];
    all.push_back(caller_json(slot, *slot.published[at].certificate, *slot.callers->callers[at], now));
  }
  return all;
}

Json callers_document(const Estate& estate, WallTime now, const Filter& filter) {
  Json all = Json::array();
  for (const ChosenCallers& door : selection(estate, now, filter).callers)
    for (Json& one : callers_of(door, now, std::numeric_limits<std::size_t>::max())) all.push_back(std::move(one));
  return {{"at", seconds_text(now)}, {"callers", std::move(all)}};
}

std::string callers_json(const Estate& estate, WallTime now, const Filter& filter) {
  return callers_document(estate, now, filter).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace exporter::api
