#include "exporter/discovery/haproxy_conditions.h"

#include <algorithm>
#include <optional>

#include "config/mistakes.h"

namespace exporter::discovery {

namespace {

constexpr std::size_t deepest = 1000;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// "name(arguments)" -> arguments, split at commas.
std::optional<Words> arguments(std::string_view text, std::string_view name) {
  if (!text.starts_with(name) || text.substr(name.size()).substr(0, 1) != "(" || !text.ends_with(')')) return std::nullopt;
  text = text.substr(name.size() + 1);
  text.remove_suffix(1);
  Words found;
  for (;;) {
    const std::size_t comma = text.find(',');
    found.emplace_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return found;
    text.remove_prefix(comma + 1);
  }
}

// Without the `!` before it. Nothing: it cannot be told.
std::optional<bool> plain_value(std::string_view text, const Environment& environment) {
  if (text.empty() || text == "0" || text == "false") return false;
  if (text == "true" || text.find_first_not_of("0123456789") == std::string_view::npos) return true;
  if (text.find_first_of("&|") != std::string_view::npos) return std::nullopt;
  if (const auto name = arguments(text, "defined"); name && name->size() == 1)
    return environment(name->front()) ? std::optional(true) : std::nullopt;  // ours to read is not all there is
  if (const auto two = arguments(text, "streq"); two && two->size() == 2) return (*two)[0] == (*two)[1];
  if (const auto two = arguments(text, "strneq"); two && two->size() == 2) return (*two)[0] != (*two)[1];
  if (text == "feature(OPENSSL)") return true;
  return std::nullopt;
}

// What is written behind `.if` and `.elif`, on one line.
std::optional<bool> value(std::string_view written, const Environment& environment) {
  const auto words = words_of(written, environment);
  const auto* const good = std::get_if<Words>(&words);
  if (good == nullptr) return std::nullopt;
  std::string joined;
  for (const std::string& each : *good) joined += each + " ";
  std::string_view text = trimmed(joined);
  bool negated = false;
  for (; text.starts_with('!'); text = trimmed(text.substr(1))) negated = !negated;
  const auto plain = plain_value(text, environment);
  if (!plain) return std::nullopt;
  return *plain != negated;
}

}  // namespace

bool HaproxyConditions::holds() const { return std::ranges::all_of(blocks_, &Block::holds); }

std::string HaproxyConditions::directive(std::string_view line, const Environment& environment) {
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
  if (word == ".endif") {
    if (!blocks_.empty()) blocks_.pop_back();
    return {};
  }
  const bool begins = word == ".if", again = word == ".elif" || word == ".else";
  if (!begins && (!again || blocks_.empty())) return {};
  const bool around = !begins || holds();
  if (begins && blocks_.size() < deepest) blocks_.emplace_back();
  if (blocks_.empty()) return {};
  Block& block = blocks_.back();
  block.holds = false;
  if (block.settled || !around) {
    block.settled = true;
    return {};
  }
  const auto holds = word == ".else" ? std::optional(true) : value(line.substr(word.size()), environment);
  block.holds = holds.value_or(false);
  block.settled = block.settled || !holds || *holds;
  return holds ? "" : "the condition " + config::quote(trimmed(line)) + " cannot be told from here: what it covers is left out";
}

}  // namespace exporter::discovery
