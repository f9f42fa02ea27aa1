// Takes single values out of nodes: each take() checks the node, stores the value and reports what is wrong otherwise, leaving
// `into` as it was. Text never holds control characters. Used by the sections of the configuration and by other rooms'
// readers of YAML.
#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/mistakes.h"
#include "config/yaml.h"

namespace config {

bool take(const Node& node, std::string& into, Mistakes& mistakes);                // text that is not empty
bool take(const Node& node, bool& into, Mistakes& mistakes);                       // true or false, without quotes
bool take(const Node& node, std::chrono::milliseconds& into, Mistakes& mistakes);  // a duration above zero
bool take(const Node& node, std::vector<std::string>& into, Mistakes& mistakes);   // a list of texts; null: an empty one
bool take_integer(const Node& node, int from, int to, int& into, Mistakes& mistakes);

// One of `known`, whose kind is named in the mistake: "unknown protocol `htps`; did you mean `https`? known here: ...".
bool check_word(const Node& node, std::string_view kind, std::span<const std::string_view> known, Mistakes& mistakes);

// Labels for our series: names as Prometheus allows them and none of `reserved`, `job`, `instance`, `le` or `__*`. Null: none.
bool take_labels(const Node& node, std::span<const std::string_view> reserved, std::map<std::string, std::string>& into,
                 Mistakes& mistakes);

// The entries of a list or of a mapping of names to things; a null node is an empty one, anything else a mistake.
bool is_list(const Node& node, Mistakes& mistakes);
bool is_table(const Node& node, Mistakes& mistakes);

// A word and what it stands for.
template <typename Value>
using Word = std::pair<std::string_view, Value>;

template <typename Value>
bool take_word(const Node& node, std::string_view kind, std::span<const Word<Value>> words, Value& into, Mistakes& mistakes) {
  std::vector<std::string_view> known;
  for (const auto& [word, value] : words) known.push_back(word);
  if (!check_word(node, kind, known, mistakes)) return false;
  for (const auto& [word, value] : words)
    if (word == node.text()) into = value;
  return true;
}

// The names of a table, for check_word().
template <typename Value>
std::vector<std::string_view> names(const std::map<std::string, Value>& table) {
  std::vector<std::string_view> found;
  for (const auto& [name, value] : table) found.push_back(name);
  return found;
}

}  // namespace config
