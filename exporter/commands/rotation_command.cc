#include "exporter/commands/rotation_command.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "exporter/explain/phrases.h"

namespace exporter {

using Json = nlohmann::ordered_json;

namespace {

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? explain::safe(found->get<std::string>()) : "";
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string state_text(const Json& step) {
  const std::string state = text_of(step, "state");
  return state == "now" ? "safe now" : state == "not_yet" ? "not yet" : state;
}

std::string summary(const Json& steps) {
  std::string text;
  for (const Json& step : steps) {
    text += "  " + padded(text_of(step, "step"), 10) + padded(state_text(step), 10) +
            std::to_string(step.value("pending", std::uint64_t{0})) + " in the way, " +
            std::to_string(step.value("unknown", std::uint64_t{0})) + " unknown";
    if (const auto wrong = step.value("out_of_order", std::uint64_t{0})) text += ", " + std::to_string(wrong) + " out of order";
    text += '\n';
  }
  return text;
}

void add_things(std::string& text, const Json& steps, const char* things_name, const char* count_name, const std::string& title) {
  for (const Json& step : steps) {
    const Json things = step.value(things_name, Json::array());
    const auto count = step.value(count_name, std::uint64_t{0});
    if (count == 0) continue;
    text += "\n" + title + " " + text_of(step, "step") + " (" + text_of(step, "what") + "):\n";
    for (const Json& thing : things) {
      const std::string why = text_of(thing, "why");
      text += "  " + text_of(thing, "kind") + " " + text_of(thing, "name") + (why.empty() ? "" : ": " + why) + "\n";
    }
    if (things.size() < count) text += "  and " + std::to_string(count - things.size()) + " more\n";
  }
}

std::string page(const Json& rotation) {
  const Json steps = rotation.value("steps", Json::array());
  std::string text = "Rotation " + text_of(rotation, "name") + "\n" + summary(steps) + "\n";
  text += explain::wrapped(text_of(rotation, "advice"), 0) + "\n";
  add_things(text, steps, "out_of_order_things", "out_of_order", "Ahead of its turn:");
  add_things(text, steps, "pending_things", "pending", "In the way of");
  add_things(text, steps, "unknown_things", "unknown", "Cannot be told, for");
  return text;
}

[[noreturn]] void unknown(const ShowRotation& wanted, const Json& rotations) {
  std::string names;
  for (const Json& rotation : rotations) names.append(names.empty() ? "" : ", ").append(text_of(rotation, "name"));
  throw std::runtime_error("there is no rotation `" + explain::safe(wanted.name) + "`; " +
                           (names.empty() ? "the exporter's configuration has none" : "the exporter has " + names));
}

}  // namespace

ShownRotation shown(const ShowRotation& wanted, const std::string& answer) {
  const Json whole = Json::parse(answer, nullptr, false);
  if (!whole.is_object() || !whole.value("rotations", Json()).is_array())
    throw std::runtime_error("the answer is not that of an exporter that knows rotations");
  for (const Json& rotation : whole["rotations"]) {
    if (!rotation.is_object() || rotation.value("name", "") != wanted.name) continue;
    const bool complete = rotation.value("complete", false);
    if (wanted.format == ShowRotation::Format::text) return {page(rotation), complete};
    return {rotation.dump(2, ' ', false, Json::error_handler_t::replace) + "\n", complete};
  }
  unknown(wanted, whole["rotations"]);
}

int rotation_command(const ShowRotation& wanted, std::ostream& out, std::ostream& err) {
  try {
    const ShownRotation found = shown(wanted, ask_exporter(wanted.exporter, "/api/v1/rotations"));
    out << found.text;
    return found.complete ? 0 : 1;
  } catch (const std::exception& error) {
    err << "mtls_exporter: " << error.what() << "\n";
    return 2;
  }
}

}  // namespace exporter
