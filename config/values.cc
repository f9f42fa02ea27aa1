#include "config/values.h"

#include <algorithm>
#include <charconv>

#include "config/duration.h"

namespace config {
namespace {

std::string_view kind_text(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::text: return "text";
    case Node::Kind::sequence: return "a list";
    case Node::Kind::mapping: return "a mapping";
  }
  return "";
}

bool expected(const Node& node, std::string_view what, std::string_view right, Mistakes& mistakes) {
  mistakes.add(node.place(), "expected " + std::string(what) + ", found " + std::string(kind_text(node)), right);
  return false;
}

// "\0" or "\n" in double quotes: YAML allows them, hosts, paths, headers and labels do not.
bool is_plain_text(const Node& node, Mistakes& mistakes) {
  if (!node.is_text()) return expected(node, "text", "", mistakes);
  const bool control = std::any_of(node.text().begin(), node.text().end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (control) mistakes.add(node.place(), "text with a line break or another control character", "write it on one line");
  return !control;
}

bool is_label_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool check_label_name(const Node& key, std::span<const std::string_view> reserved, Mistakes& mistakes) {
  static constexpr std::string_view prometheus[] = {"job", "instance", "le"};
  const std::string& name = key.text();
  const auto among = [&](std::span<const std::string_view> words) {
    return std::find(words.begin(), words.end(), name) != words.end();
  };
  if (!is_label_name(name))
    mistakes.add(key.place(), quote(name) + " is no label name", "use letters, digits and `_`, and no digit first");
  else if (name.starts_with("__"))
    mistakes.add(key.place(), "label " + quote(name) + " is reserved: names with `__` belong to Prometheus",
                 "choose another name");
  else if (among(prometheus))
    mistakes.add(key.place(), "label " + quote(name) + " is reserved: Prometheus sets it itself", "choose another name");
  else if (among(reserved))
    mistakes.add(key.place(), "label " + quote(name) + " is reserved: the exporter's own metrics carry it",
                 "choose another name");
  else return true;
  return false;
}

}  // namespace

bool take(const Node& node, std::string& into, Mistakes& mistakes) {
  if (!is_plain_text(node, mistakes)) return false;
  if (node.text().empty()) {
    mistakes.add(node.place(), "an empty text", "leave the key out, or give it a value");
    return false;
  }
  into = node.text();
  return true;
}

bool take(const Node& node, bool& into, Mistakes& mistakes) {
  const bool plain = node.is_text() && !node.in_quotes();
  if (!plain || (node.text() != "true" && node.text() != "false")) {
    mistakes.add(node.place(),
                 node.is_text() ? quote(node.text()) + " is no truth value"
                                : "expected a truth value, found " + std::string(kind_text(node)),
                 "write true or false, without quotes");
    return false;
  }
  into = node.text() == "true";
  return true;
}

bool take(const Node& node, std::chrono::milliseconds& into, Mistakes& mistakes) {
  if (!node.is_text()) return expected(node, "a duration", "write one like 30s, 5m, 12h or 14d", mistakes);
  const auto parsed = parse_duration(node.text());
  if (const auto* wrong = std::get_if<std::string>(&parsed)) {
    mistakes.add(node.place(), *wrong, "");
    return false;
  }
  if (std::get<std::chrono::milliseconds>(parsed).count() == 0) {
    mistakes.add(node.place(), "a duration of zero", "write one above zero, like 30s");
    return false;
  }
  into = std::get<std::chrono::milliseconds>(parsed);
  return true;
}

bool take(const Node& node, std::vector<std::string>& into, Mistakes& mistakes) {
  if (!node.is_null() && !node.is_sequence()) {
    const bool one = node.is_text() && node.text().size() <= 60;
    return expected(node, "a list", one ? "write [" + node.text() + "]" : "write [a, b]", mistakes);
  }
  std::vector<std::string> texts;
  bool good = true;
  for (const Node& item : node.items()) good = take(item, texts.emplace_back(), mistakes) && good;
  if (good) into = std::move(texts);
  return good;
}

bool take_integer(const Node& node, int from, int to, int& into, Mistakes& mistakes) {
  int number = 0;
  const char* const end = node.text().data() + node.text().size();
  const auto [stop, error] = std::from_chars(node.text().data(), end, number);
  const bool plain = node.is_text() && !node.in_quotes() && error == std::errc() && stop == end;
  if (!plain || number < from || number > to) {
    const std::string right = "write a whole number from " + std::to_string(from) + " to " + std::to_string(to);
    if (!node.is_text()) return expected(node, "a number", right, mistakes);
    mistakes.add(node.place(), quote(node.text()) + (plain ? " is out of range" : " is no number"), right);
    return false;
  }
  into = number;
  return true;
}

bool check_word(const Node& node, std::string_view kind, std::span<const std::string_view> known, Mistakes& mistakes) {
  if (!node.is_text()) return expected(node, "a single word", advice("", known), mistakes);
  if (std::find(known.begin(), known.end(), node.text()) != known.end()) return true;
  mistakes.add(node.place(), "unknown " + std::string(kind) + " " + quote(node.text()), advice(node.text(), known));
  return false;
}

bool take_labels(const Node& node, std::span<const std::string_view> reserved, std::map<std::string, std::string>& into,
                 Mistakes& mistakes) {
  if (!is_table(node, mistakes)) return false;
  bool good = true;
  for (const auto& [key, value] : node.entries()) {
    const bool name = check_label_name(key, reserved, mistakes);
    if (is_plain_text(value, mistakes) && name) into[key.text()] = value.text();
    else good = false;
  }
  return good;
}

bool is_list(const Node& node, Mistakes& mistakes) {
  return node.is_null() || node.is_sequence() || expected(node, "a list", "begin each item with `- `", mistakes);
}

bool is_table(const Node& node, Mistakes& mistakes) {
  return node.is_null() || node.is_mapping() ||
         expected(node, "a mapping of names", "write `name: value`, one on each line", mistakes);
}

}  // namespace config
