// The one reader of YAML: a document as plain nodes that know their line and column. It refuses what yaml-cpp would load in
// silence: duplicate keys, anchors that contain themselves, alias bombs, text behind a stray control character. Used for the
// configuration, the web configuration, target lists, kubeconfigs and manifests; JSON is YAML too. No state is shared: any
// thread.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/mistakes.h"
#include "config/read_file.h"

namespace config {

class Node;

// One `key: value` of a mapping. The key is always text.
struct Entry {
  const Node& key;
  const Node& value;
};

// A value in a document. Owned by its Document; aliases make several parents share one node.
class Node {
 public:
  enum class Kind : unsigned char { null, text, sequence, mapping };

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_text() const { return kind_ == Kind::text; }
  bool is_sequence() const { return kind_ == Kind::sequence; }
  bool is_mapping() const { return kind_ == Kind::mapping; }
  Place place() const { return place_; }

  // As written, quotes and escapes resolved; empty unless is_text(). Numbers and booleans are text: readers decide.
  const std::string& text() const { return text_; }
  bool in_quotes() const { return in_quotes_; }  // "true" and not true; block scalars count as quoted

  // for (const Node& item : node.items()); empty unless is_sequence().
  std::span<const std::reference_wrapper<const Node>> items() const { return items_; }

  // for (const auto& [key, value] : node.entries()), in the order written, no key twice; empty unless is_mapping().
  std::span<const Entry> entries() const { return entries_; }

  // The value under `key`; null if there is none, or this is no mapping. Linear in the number of entries.
  const Node* find(std::string_view key) const;

  Node(Kind kind, Place place) : kind_(kind), place_(place) {}

 private:
  friend class DocumentBuilder;
  Kind kind_;
  bool in_quotes_ = false;
  Place place_;
  std::string text_;
  std::vector<std::reference_wrapper<const Node>> items_;
  std::vector<Entry> entries_;
};

// A whole file. Moving it keeps its nodes where they are.
class Document {
 public:
  const Node& root() const { return *root_; }  // a null node when the file is empty

 private:
  friend class DocumentBuilder;
  std::deque<Node> nodes_;
  const Node* root_ = nullptr;
};

// What a reader is willing to take on. A walk over the document visits at most `nodes` nodes, aliases followed.
struct YamlLimits {
  std::size_t bytes = file_limit;
  std::size_t nodes = 8'000'000;  // 100,000 targets with labels are about 2 million
  std::size_t depth = 64;         // recursion in readers stays shallow; no format of ours nests deeper than 10
};

// Reads one document. Mistakes of syntax, and limits exceeded, are added to `mistakes` and give nothing; duplicate keys are added
// too, but the document is returned with the first of each, so that reading can go on and find more.
[[nodiscard]] std::optional<Document> parse_yaml(std::string_view text, Mistakes& mistakes, const YamlLimits& limits = {});

// Adds a mistake for every key of `mapping` that is not among `known`: "unknown key `x`; known here: a, b". Returns whether
// `mapping` is a mapping; a null one is an empty mapping, anything else is a mistake too.
bool check_keys(const Node& mapping, std::span<const std::string_view> known, Mistakes& mistakes);

}  // namespace config
