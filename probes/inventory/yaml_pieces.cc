#include "probes/inventory/yaml_pieces.h"

#include <algorithm>
#include <optional>

namespace probes::inventory {

using observations::SourceReason;

namespace {

// A manifest of a whole cluster has some ten thousand nodes.
constexpr config::YamlLimits limits{.bytes = largest_file, .nodes = 500'000, .depth = 64};

std::string_view next_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

// YAML 1.2 9.1.2: a line that begins with three dashes and nothing or white space ends a document.
std::string_view next_document(std::string_view& text) {
  const std::string_view all = text;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const bool marker = line.starts_with("---") && (line.size() == 3 || line[3] == ' ' || line[3] == '\r' || line[3] == '\t');
    if (marker) return all.substr(0, static_cast<std::size_t>(line.data() - all.data()));
  }
  return all;
}

}  // namespace

void for_each_document(std::string_view bytes, Reading& reading, SourceReason bad,
                       const std::function<void(const config::Node& root)>& each) {
  while (!bytes.empty()) {
    config::Mistakes mistakes(reading.path());
    const std::optional<config::Document> document = config::parse_yaml(next_document(bytes), mistakes, limits);
    if (!document || !mistakes.empty()) reading.trouble(bad, mistakes.text());
    if (document) each(document->root());
  }
}

std::string text_of(const config::Node& node, std::string_view key) {
  const config::Node* value = node.find(key);
  return value == nullptr ? std::string() : value->text();
}

bool says(std::string_view bytes, std::string_view key, std::string_view value) {
  for (std::size_t at = bytes.find(key); at != std::string_view::npos; at = bytes.find(key, at + key.size())) {
    std::string_view rest = bytes.substr(at + key.size());
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of("\"' \t:")));
    // A kind that only begins like it is another: SecretStore.
    const bool ends =
        rest.size() <= value.size() || std::string_view("\"' \t\r\n,}").find(rest[value.size()]) != std::string_view::npos;
    if (ends && rest.starts_with(value)) return true;
  }
  return false;
}

}  // namespace probes::inventory
