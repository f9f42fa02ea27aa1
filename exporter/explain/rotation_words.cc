#include "exporter/explain/rotation_words.h"

namespace exporter::explain {

namespace {

std::string number(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + (count == 1 ? one : many);
}

}  // namespace

std::string_view what_it_is(RotationStep step) {
  switch (step) {
    case RotationStep::trust_new: return "let every door and store take the new CA besides the old one";
    case RotationStep::servers: return "give the servers certificates of the new CA";
    case RotationStep::clients: return "give the clients certificates of the new CA";
    case RotationStep::trust_old: return "take the old CA away from doors and stores";
  }
  return "";
}

std::string counts_text(const RotationCounts& counts) {
  if (counts.pending == 0 && counts.unknown == 0) return "nothing stands in the way";
  const std::string pending = number(counts.pending, " stands in the way", " stand in the way");
  if (counts.unknown == 0) return pending;
  const std::string unknown = "of " + std::to_string(counts.unknown) + " it cannot be told";
  return counts.pending == 0 ? unknown : pending + ", and " + unknown;
}

std::string advice(const RotationStanding& rotation) {
  std::string text;
  std::uint64_t wrong = 0;
  for (const Standing& step : rotation.steps) wrong += step.counts.out_of_order;
  if (wrong > 0)
    text = number(wrong, " has", " have") + " gone ahead of the order and " + (wrong == 1 ? "fails" : "fail") +
           " for it: take that back first. ";
  std::string_view at_hand;
  for (const RotationStep step : all_rotation_steps()) {
    const RotationCounts& counts = rotation.of(step).counts;
    switch (state_of(rotation, step)) {
      case StepState::done: break;
      case StepState::now:
        at_hand = word(step);
        text.append("Safe now: ").append(at_hand).append(", ").append(what_it_is(step)).append("; ");
        text.append(counts_text(counts)).append(".");
        break;
      case StepState::not_yet:
        text.append(" Not yet safe: ").append(word(step)).append(", ").append(what_it_is(step));
        text.append(": ").append(at_hand).append(" is not done.");
        break;
    }
  }
  if (at_hand.empty()) text += "The rotation is complete: nothing uses or takes the old CA any more.";
  return text;
}

}  // namespace exporter::explain
