#include "exporter/discovery/target_groups.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/address.h"
#include "config/utf8.h"
#include "config/yaml.h"
#include "exporter/discovery/candidates.h"

namespace exporter::discovery {

namespace {

using nlohmann::json;
using enum SourceReason;

struct Group {
  std::vector<std::string> targets;
  config::Labels labels;
};
using Groups = std::optional<std::vector<Group>>;

// Takes one group of either format: Value is a node with its ways to look inside.
Groups groups_of(const json& list) {
  if (!list.is_array()) return std::nullopt;
  std::vector<Group> groups;
  for (const json& item : list) {
    if (!item.is_object()) return std::nullopt;
    Group& group = groups.emplace_back();
    const json targets = item.value("targets", json::array());
    const json labels = item.value("labels", json::object());
    if (!targets.is_array() || !(labels.is_object() || labels.is_null())) return std::nullopt;
    for (const json& target : targets) {
      if (!target.is_string()) return std::nullopt;
      group.targets.push_back(target.get<std::string>());
    }
    for (const auto& [name, value] : labels.items()) {
      if (!value.is_string()) return std::nullopt;
      group.labels[name] = value.get<std::string>();
    }
  }
  return groups;
}

Groups groups_of(const config::Node& list) {
  static const config::Node none(config::Node::Kind::null, {});
  if (!list.is_sequence()) return std::nullopt;
  std::vector<Group> groups;
  for (const config::Node& item : list.items()) {
    if (!item.is_mapping()) return std::nullopt;
    const auto member = [&](std::string_view key) -> const config::Node& {
      return item.find(key) != nullptr ? *item.find(key) : none;
    };
    const config::Node& targets = member("targets");
    const config::Node& labels = member("labels");
    if (targets.is_text() || targets.is_mapping() || labels.is_text() || labels.is_sequence()) return std::nullopt;
    Group& group = groups.emplace_back();
    for (const config::Node& target : targets.items()) group.targets.push_back(target.text());
    for (const auto& [name, value] : labels.entries()) group.labels[name.text()] = value.text();
  }
  return groups;
}

Groups groups_in(std::string_view text, ListFormat format) {
  if (format == ListFormat::json) {
    const json list = json::parse(text, nullptr, /*allow_exceptions=*/false);
    return list.is_discarded() ? std::nullopt : groups_of(list);
  }
  config::Mistakes mistakes("targets");
  const auto document = config::parse_yaml(text, mistakes);
  return document && mistakes.empty() ? groups_of(document->root()) : std::nullopt;
}

bool is_label_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// What all targets of a group have in common. Labels that would stand twice in a series are left out.
Candidate common(Group& group, std::span<const std::string_view> reserved, std::string& address, Errors& errors) {
  Candidate common;
  for (auto& [name, value] : group.labels) {
    if (name == "__param_module") common.module = value;
    else if (name == "__param_identity") common.identity = value;
    else if (name == "__param_server_name") common.server_name = value;
    else if (name == "__address__") address = value;
    else if (name == "name") common.name = value;
    else if (name.starts_with("__") || value.empty()) continue;
    else if (!is_label_name(name) || name == "job" || name == "instance" || name == "le" ||
             std::ranges::count(reserved, name) > 0)
      ++errors[bad_label];
    else common.labels[name] = value;
  }
  return common;
}

}  // namespace

std::optional<std::vector<Candidate>> read_target_groups(std::string_view text, ListFormat format,
                                                         std::span<const std::string_view> reserved_labels, Errors& errors) {
  Groups groups = text.empty() || config::valid_utf8_length(text) != text.size() ? std::nullopt : groups_in(text, format);
  if (!groups) {
    ++errors[bad_syntax];
    return std::nullopt;
  }
  std::vector<Candidate> found;
  for (Group& group : *groups) {
    std::string elsewhere;
    const Candidate shared = common(group, reserved_labels, elsewhere, errors);
    for (const std::string& written : group.targets) {
      Candidate candidate = shared;
      if (!aim(candidate, elsewhere.empty() ? written : elsewhere)) ++errors[bad_target];
      else if (found.size() >= most_candidates) ++errors[too_large];
      else found.push_back(std::move(candidate));
    }
  }
  return found;
}

}  // namespace exporter::discovery
