#include "exporter/estate/state.h"

#include <algorithm>

#include "exporter/estate/door.h"
#include "exporter/estate/expectations.h"

namespace exporter {

using probes::observations::DoorMode;
using probes::observations::Failure;
using probes::observations::Problem;
using probes::observations::Severity;

namespace {

std::string first_error(const SourceErrors& errors) {
  const auto met = std::ranges::find_if(errors, [](const auto& error) { return error.second > 0; });
  return met == errors.end() ? "" : std::string(word(met->first));
}

State of_a_source(std::string_view kind, const std::string& name, bool up, const SourceErrors& errors) {
  return {.kind = kind,
          .name = name,
          .identity = {},
          .word = up ? "up" : "down",
          .reason = up ? "" : first_error(errors),
          .detail = {},
          .bad = !up};
}

}  // namespace

State watch_state(const WatchSlot& slot) {
  State state{.kind = "watch",
              .name = slot.target->name,
              .identity = slot.identity,
              .address = slot.target->address,
              .word = "good",
              .reason = {},
              .detail = {}};
  const auto broken = broken_expectations(slot);
  if (broken.empty()) return state;
  state.word = "failed";
  state.bad = true;
  const Failure* failure = slot.last ? slot.last->failure() : nullptr;
  state.reason = failure != nullptr ? std::string(word(failure->stage)) + "/" + std::string(word(failure->reason))
                                    : std::string(word(broken.front()));
  if (failure != nullptr) state.detail = failure->detail;
  return state;
}

State door_state(const WatchSlot& slot) {
  const DoorMode mode = slot.door.mode.value_or(DoorMode::undetermined);
  State state{.kind = "door",
              .name = slot.target->name,
              .identity = slot.identity,
              .address = slot.target->address,
              .word = word(mode),
              .reason = {},
              .detail = {}};
  state.bad = enforced(slot.door, slot.target->module->client_auth) == false;
  if (state.bad) state.reason = "not_enforced";
  return state;
}

State state_of(const IdentitySlot& slot) {
  State state{.kind = "identity", .name = slot.name, .identity = {}, .word = "usable", .reason = {}, .detail = {}};
  const auto worst = std::ranges::find_if(slot.problems, [](const Problem& one) { return one.severity == Severity::critical; });
  if (slot.usable && worst == slot.problems.end()) return state;
  state.word = slot.usable ? "faulty" : "unusable";
  state.bad = true;
  if (worst == slot.problems.end()) return state;
  state.reason = word(worst->finding);
  state.detail = worst->detail;
  return state;
}

State state_of(const TrustSlot& slot) {
  State state = of_a_source("trust", slot.name, slot.up, slot.errors);
  if (!slot.troubles.empty()) state.detail = slot.troubles.front().path + ": " + slot.troubles.front().detail;
  return state;
}

State state_of(const SourceSlot& slot) { return of_a_source(word(slot.key.kind), slot.key.name, slot.up, slot.errors); }

State state_of(const DiscoverySlot& slot) { return of_a_source("discovery", slot.name, slot.up, slot.errors); }

}  // namespace exporter
