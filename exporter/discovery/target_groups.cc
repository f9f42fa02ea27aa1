#include "exporter/discovery/target_groups.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <variant>

#include "config/endpoint.h"
#include "config/mistakes.h"
#include "config/utf8.h"
#include "config/yaml.h"
#include "exporter/discovery/candidates.h"

namespace exporter::discovery {

namespace {

using nlohmann::json;
using enum SourceReason;

struct Written {
  std::string text;
  std::uint32_t line = 0;
};

struct Group {
  std::vector<Written> targets;
  std::vector<std::pair<std::string, Written>> labels;
};
// The groups, or why the text is no list of them.
using Groups = std::variant<std::vector<Group>, Trouble>;

Trouble no_list(std::string detail, std::uint32_t line = 0) {
  return {.reason = bad_syntax, .path = {}, .detail = std::move(detail), .line = line};
}

// Reads a text and knows in which line it is: nlohmann's parser says of no value where it stood.
class Lines {
 public:
  using difference_type = std::ptrdiff_t;
  using value_type = char;
  using pointer = const char*;
  using reference = const char&;
  using iterator_category = std::input_iterator_tag;

  Lines(const char* at, std::uint32_t* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  Lines& operator++() {
    if (*at_++ == '\n') ++*line_;
    return *this;
  }
  bool operator==(const Lines& other) const { return at_ == other.at_; }
  bool operator!=(const Lines& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  std::uint32_t* line_;
};

// The document, and the lines of the texts in each group's `targets`, in their order.
struct JsonList {
  json document;
  std::vector<std::vector<std::uint32_t>> lines;
  std::uint32_t end = 1;  // where reading stopped
};

JsonList parse(std::string_view text) {
  JsonList list;
  bool in_targets = false;
  const auto note = [&](int depth, json::parse_event_t event, const json& parsed) {
    using Event = json::parse_event_t;
    if (depth == 1 && event == Event::object_start) list.lines.emplace_back();
    if (depth == 2 && event == Event::key) in_targets = parsed == "targets";
    if (list.lines.empty() || !in_targets) return true;
    if (depth == 2 && event == Event::array_start) list.lines.back().clear();
    if (depth == 3 && event == Event::value) list.lines.back().push_back(list.end);
    return true;
  };
  list.document = json::parse(Lines(text.data(), &list.end), Lines(text.data() + text.size(), &list.end), note,
                              /*allow_exceptions=*/false);
  return list;
}

// Takes one group of either format: Value is a node with its ways to look inside.
Groups groups_of(const JsonList& list) {
  if (!list.document.is_array()) return no_list("no list of groups: [{\"targets\": [\"host:443\"]}]");
  std::vector<Group> groups;
  for (const json& item : list.document) {
    const std::string place = "group " + std::to_string(groups.size() + 1);
    if (!item.is_object()) return no_list(place + " is no object with `targets`");
    Group& group = groups.emplace_back();
    const json targets = item.value("targets", json::array());
    const json labels = item.value("labels", json::object());
    if (!targets.is_array()) return no_list("`targets` of " + place + " is no list");
    if (!(labels.is_object() || labels.is_null())) return no_list("`labels` of " + place + " is no object");
    const std::vector<std::uint32_t>* lines = groups.size() <= list.lines.size() ? &list.lines[groups.size() - 1] : nullptr;
    for (const json& target : targets) {
      if (!target.is_string()) return no_list("a target of " + place + " is no text");
      const std::size_t index = group.targets.size();
      group.targets.push_back({target.get<std::string>(), lines != nullptr && index < lines->size() ? (*lines)[index] : 0});
    }
    for (const auto& [name, value] : labels.items()) {
      if (!value.is_string()) return no_list("the label " + config::quote(name) + " of " + place + " is no text");
      group.labels.push_back({name, {value.get<std::string>()}});
    }
  }
  return groups;
}

std::uint32_t line_of(const config::Node& node) { return static_cast<std::uint32_t>(node.place().line); }

Groups groups_of(const config::Node& list) {
  static const config::Node none(config::Node::Kind::null, {});
  if (!list.is_sequence()) return no_list("no list of groups: - targets: ['host:443']");
  std::vector<Group> groups;
  for (const config::Node& item : list.items()) {
    if (!item.is_mapping()) return no_list("no group with `targets`", line_of(item));
    const auto member = [&](std::string_view key) -> const config::Node& {
      return item.find(key) != nullptr ? *item.find(key) : none;
    };
    const config::Node& targets = member("targets");
    const config::Node& labels = member("labels");
    if (targets.is_text() || targets.is_mapping()) return no_list("`targets` is no list", line_of(targets));
    if (labels.is_text() || labels.is_sequence()) return no_list("`labels` is no mapping", line_of(labels));
    Group& group = groups.emplace_back();
    for (const config::Node& target : targets.items()) group.targets.push_back({target.text(), line_of(target)});
    for (const auto& [name, value] : labels.entries()) group.labels.push_back({name.text(), {value.text(), line_of(name)}});
  }
  return groups;
}

Groups groups_in(std::string_view text, ListFormat format) {
  if (text.empty()) return no_list("an empty file");
  if (config::valid_utf8_length(text) != text.size()) return no_list("not UTF-8");
  if (format == ListFormat::json) {
    const JsonList list = parse(text);
    return list.document.is_discarded() ? no_list("no JSON", list.end) : groups_of(list);
  }
  config::Mistakes mistakes("targets");
  const auto document = config::parse_yaml(text, mistakes);
  return document && mistakes.empty() ? groups_of(document->root()) : no_list("no YAML: " + mistakes.text());
}

bool is_label_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

class Reader {
 public:
  Reader(const std::string& path, std::span<const std::string_view> reserved, Troubles& troubles)
      : path_(path), reserved_(reserved), troubles_(troubles) {}

  void add(const Group& group) {
    std::string elsewhere;
    const Candidate shared = common(group, elsewhere);
    for (const Written& written : group.targets) {
      Candidate candidate = shared;
      const std::string& address = elsewhere.empty() ? written.text : elsewhere;
      const std::string wrong = aim(candidate, address);
      if (!wrong.empty())
        troubles_.add(bad_target, {path_, written.line}, "target " + shown(config::without_secrets(written.text)) + ": " + wrong);
      else if (found_.size() >= most_candidates)
        troubles_.add(too_large, {path_, written.line}, "more targets than " + std::to_string(most_candidates));
      else found_.push_back(std::move(candidate));
    }
  }

  std::vector<Candidate> found() && { return std::move(found_); }

 private:
  // What all targets of a group have in common. Labels that would stand twice in a series are left out.
  Candidate common(const Group& group, std::string& address) {
    Candidate common;
    for (const auto& [name, value] : group.labels) {
      if (name == "__param_module") common.module = value.text;
      else if (name == "__param_identity") common.identity = value.text;
      else if (name == "__param_server_name") common.server_name = value.text;
      else if (name == "__address__") address = value.text;
      else if (name == "name") common.name = value.text;
      else if (name.starts_with("__") || value.text.empty()) continue;
      else if (!is_label_name(name)) refuse(name, value, "is no name of a label");
      else if (name == "job" || name == "instance" || name == "le" || std::ranges::count(reserved_, name) > 0)
        refuse(name, value, "is a label of our own metrics or of Prometheus");
      else common.labels[name] = value.text;
    }
    return common;
  }

  void refuse(const std::string& name, const Written& value, const std::string& why) {
    troubles_.add(bad_label, {path_, value.line}, "label " + config::quote(name) + " " + why + " and is left out");
  }

  const std::string& path_;
  const std::span<const std::string_view> reserved_;
  Troubles& troubles_;
  std::vector<Candidate> found_;
};

}  // namespace

std::optional<std::vector<Candidate>> read_target_groups(std::string_view text, ListFormat format, const std::string& path,
                                                         std::span<const std::string_view> reserved_labels, Troubles& troubles) {
  const Groups groups = groups_in(text, format);
  if (const auto* wrong = std::get_if<Trouble>(&groups)) {
    troubles.add(wrong->reason, {path, wrong->line}, wrong->detail);
    return std::nullopt;
  }
  Reader reader(path, reserved_labels, troubles);
  for (const Group& group : std::get<std::vector<Group>>(groups)) reader.add(group);
  return std::move(reader).found();
}

}  // namespace exporter::discovery
