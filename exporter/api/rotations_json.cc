#include "exporter/api/rotations_json.h"

#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

#include "exporter/estate/known_issuers.h"
#include "exporter/estate/rotation.h"
#include "exporter/explain/facts_json.h"
#include "exporter/explain/rotation_words.h"
#include "exporter/metrics/label.h"

namespace exporter::api {

using Json = nlohmann::ordered_json;
using metrics::clean_label;

namespace {

Json things_json(const std::vector<InTheWay>& things) {
  Json found = Json::array();
  for (const InTheWay& one : things)
    found.push_back({{"kind", one.kind}, {"name", clean_label(one.name)}, {"why", clean_label(one.why)}});
  return found;
}

Json step_json(const RotationStanding& rotation, RotationStep step) {
  const Standing& standing = rotation.of(step);
  return {{"step", word(step)},
          {"what", explain::what_it_is(step)},
          {"state", word(state_of(rotation, step))},
          {"pending", standing.counts.pending},
          {"unknown", standing.counts.unknown},
          {"out_of_order", standing.counts.out_of_order},
          {"pending_things", things_json(standing.pending)},
          {"unknown_things", things_json(standing.unknown)},
          {"out_of_order_things", things_json(standing.out_of_order)}};
}

Json rotation_json(const RotationStanding& rotation) {
  Json steps = Json::array();
  Json safe = nullptr;
  for (const RotationStep step : all_rotation_steps()) {
    if (state_of(rotation, step) == StepState::now) safe = word(step);
    steps.push_back(step_json(rotation, step));
  }
  return {{"name", clean_label(rotation.name)},
          {"safe_now", std::move(safe)},
          {"complete", state_of(rotation, RotationStep::trust_old) == StepState::done},
          {"advice", explain::advice(rotation)},
          {"steps", std::move(steps)}};
}

}  // namespace

Json rotations_document(const Estate& estate, WallTime now) {
  Json all = Json::array();
  const auto rotations = estate.rotations();
  if (!rotations.empty()) {
    const KnownIssuers known(estate);
    for (const config::Rotation& rotation : rotations) all.push_back(rotation_json(standing(rotation, estate, known, now)));
  }
  return {{"at", explain::time_text(std::chrono::floor<std::chrono::seconds>(now))}, {"rotations", std::move(all)}};
}

std::string rotations_json(const Estate& estate, WallTime now) {
  return rotations_document(estate, now).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace exporter::api
