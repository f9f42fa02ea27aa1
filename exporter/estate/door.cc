#include "exporter/estate/door.h"

#include <algorithm>

namespace exporter {

using config::ClientAuthExpectation;
using probes::observations::DoorMode;
using probes::observations::KnockAnswer;

namespace {

KnockAnswer answer(const std::map<std::string, KnockRecord>& knocks, const std::string& name, WallTime now,
                   std::chrono::milliseconds every) {
  const auto found = knocks.find(name);
  return found != knocks.end() && still_valid(found->second, now, every) ? found->second.answer : KnockAnswer::undetermined;
}

}  // namespace

bool still_valid(const KnockRecord& knock, WallTime now, std::chrono::milliseconds every) { return now - knock.at <= 2 * every; }

void settle_answers(std::map<std::string, KnockRecord>& knocks) {
  const bool refuses_in_tls = std::any_of(knocks.begin(), knocks.end(), [](const auto& knock) {
    return knock.second.found.by_tls && knock.second.found.answer == KnockAnswer::refused;
  });
  for (auto& [name, record] : knocks) {
    const bool doubtful = record.found.by_tls && record.found.answer == KnockAnswer::admitted && !refuses_in_tls;
    record.answer = doubtful ? KnockAnswer::undetermined : record.found.answer;
  }
}

DoorMode door_mode(std::optional<bool> requested, const std::map<std::string, KnockRecord>& knocks, WallTime now,
                   std::chrono::milliseconds every) {
  if (requested == false) return DoorMode::none;
  const KnockAnswer anonymous = answer(knocks, "anonymous", now, every);
  const KnockAnswer rogue = answer(knocks, "rogue", now, every);
  if (anonymous == KnockAnswer::undetermined || rogue == KnockAnswer::undetermined) return DoorMode::undetermined;
  if (rogue == KnockAnswer::refused) return anonymous == KnockAnswer::refused ? DoorMode::required : DoorMode::optional;
  if (anonymous == KnockAnswer::refused) return DoorMode::any_certificate;
  // Both were let in: a hole if the server asks, no door at all if it does not, and we do not know which.
  return requested == true ? DoorMode::open : DoorMode::undetermined;
}

std::vector<std::string> must_be_refused(const config::ClientAuth& settings) {
  if (settings.must_refuse.empty() && settings.expect == ClientAuthExpectation::required) return {"anonymous", "rogue"};
  return settings.must_refuse;
}

bool admits_unwanted(const Door& door, const config::ClientAuth& settings) {
  const std::vector<std::string> unwanted = must_be_refused(settings);
  return std::any_of(unwanted.begin(), unwanted.end(), [&](const std::string& name) {
    const auto knock = door.knocks.find(name);
    return knock != door.knocks.end() && knock->second.answer == KnockAnswer::admitted;
  });
}

std::optional<bool> enforced(const Door& door, const config::ClientAuth& settings) {
  if (admits_unwanted(door, settings)) return false;
  const bool must_ask = !must_be_refused(settings).empty() || settings.expect == ClientAuthExpectation::required ||
                        settings.expect == ClientAuthExpectation::optional;
  switch (door.mode.value_or(DoorMode::undetermined)) {
    case DoorMode::required: return true;
    case DoorMode::optional: return settings.expect != ClientAuthExpectation::required;
    case DoorMode::any_certificate:
    case DoorMode::open: return false;
    case DoorMode::none: return must_ask ? std::optional(false) : std::nullopt;
    case DoorMode::undetermined: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace exporter
