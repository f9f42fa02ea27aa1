#include "exporter/estate/observe.h"

#include <utility>

#include "exporter/estate/door.h"
#include "exporter/estate/expectations.h"

namespace exporter {

using probes::observations::DoorMode;
using probes::observations::Failure;
using probes::observations::Handshake;
using probes::observations::KnockAnswer;
using probes::observations::KnockFound;
using probes::observations::Verdict;

namespace {

void keep_certificates(WatchSlot& slot, const Handshake& observation) {
  if (!observation.certificates.empty()) {
    slot.received = Received{.at = observation.finished,
                             .certificates = observation.certificates,
                             .chain = observation.chain,
                             .hostname_match = observation.hostname_match};
  } else if (slot.received && observation.finished - slot.received->at > slot.target->module->certificate_retention) {
    slot.received.reset();
  }
}

void keep_list(WatchSlot& slot, const Handshake& observation) {
  const auto& client = observation.client;
  const bool does_not_ask = reached(observation) && !handshake_failed(observation) && !client.requested && !client.unasked;
  if ((client.requested && client.acceptable) || does_not_ask) {
    slot.asked = Asked{.at = observation.finished, .acceptable = client.acceptable};
  } else if (slot.asked && observation.finished - slot.asked->at > slot.target->module->certificate_retention) {
    slot.asked.reset();
  }
}

void keep_failure(WatchSlot& slot, const Handshake& observation) {
  if (const Failure* failure = observation.failure()) {
    slot.last_failure = LastFailure{*failure, observation.finished};
  } else if (slot.last_failure && observation.finished - slot.last_failure->at > last_failure_kept) {
    slot.last_failure.reset();
  }
}

template <typename Entry>
void add(std::vector<Entry>& history, Entry entry) {
  if (history.size() >= history_limit) history.erase(history.begin());
  history.push_back(std::move(entry));
}

// Once the slot is as the probe has left it: what failed is more than the handshake.
void remember(WatchSlot& slot) {
  const Handshake& last = *slot.last;
  HistoryEntry entry{.at = last.finished, .duration = last.duration, .failure = {}, .alert = {}};
  if (const Failure* failure = last.failure()) {
    entry.failure = {failure->stage, failure->reason};
    entry.alert = failure->alert;
  }
  entry.broken = bits_of(broken_expectations(slot));
  add(slot.history, entry);
}

// A door that cannot be reached is not another door, and one that was never told has not changed.
void remember_door(WatchSlot& slot, WallTime at) {
  if (!slot.door.mode || (slot.door_changes.empty() && slot.door.mode == DoorMode::undetermined)) return;
  const DoorChange now{.at = at, .mode = *slot.door.mode, .enforced = enforced(slot.door, slot.target->module->client_auth)};
  if (!slot.door_changes.empty()) {
    const DoorChange& before = slot.door_changes.back();
    if (before.mode == now.mode && before.enforced == now.enforced) return;
  }
  add(slot.door_changes, now);
}

// Drops stale answers and works out the mode of what is left. A door once knocked at stays knocked at: undetermined, not absent.
void settle(Door& door, WallTime now, std::chrono::milliseconds every) {
  const bool knocked = !door.knocks.empty() || (door.mode && door.mode != DoorMode::none);
  std::erase_if(door.knocks, [&](const auto& knock) { return !still_valid(knock.second, now, every); });
  settle_answers(door.knocks);
  const DoorMode mode = door_mode(door.requested, door.knocks, now, every);
  door.mode = knocked || mode == DoorMode::none ? std::optional(mode) : std::nullopt;
}

void see_door(WatchSlot& slot, const Handshake& observation) {
  if (!reached(observation)) {
    slot.door = Door{};  // a target that is down is never "enforced"
    return;
  }
  if (observation.client.requested) {
    slot.door.requested = true;
  } else if (observation.client.unasked) {
    slot.door.requested.reset();  // it may still ask, or refuse, in what it was not asked in
  } else if (observation.client.verdict == Verdict::not_requested) {
    slot.door.requested = false;
  }
  settle(slot.door, observation.finished, slot.target->module->client_auth.every);
}

}  // namespace

WatchSlot after_probe(WatchSlot slot, Handshake observation) {
  keep_certificates(slot, observation);
  keep_list(slot, observation);
  keep_failure(slot, observation);
  see_door(slot, observation);
  ++slot.probes;
  if (handshake_failed(observation)) ++slot.failures;
  slot.last = std::move(observation);
  remember(slot);
  remember_door(slot, slot.last->finished);
  return slot;
}

WatchSlot after_knock(WatchSlot slot, const std::string& knock, KnockFound found, WallTime at) {
  const auto every = slot.target->module->client_auth.every;
  const auto before = slot.door.knocks.find(knock);
  const bool displaces = found.answer != KnockAnswer::undetermined || before == slot.door.knocks.end() ||
                         before->second.found.answer == KnockAnswer::undetermined || !still_valid(before->second, at, every);
  if (displaces) slot.door.knocks[knock] = KnockRecord{found.answer, at, found};
  settle(slot.door, at, every);
  // Knocks come in one after the other: what cannot be told between two of them is not how the door is kept.
  if (slot.door.mode != DoorMode::undetermined) remember_door(slot, at);
  return slot;
}

}  // namespace exporter
