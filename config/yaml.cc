#include "config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "config/foreign_keys.h"
#include "config/utf8.h"
#include "config/yaml_advice.h"

namespace config {
namespace {

Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Thrown through yaml-cpp to stop it; the mistake has been added already.
struct Stop {};

// yaml-cpp takes byte 4 for the end of the file and stops there in silence; YAML 1.2 5.1 allows no such characters.
bool only_text(std::string_view text, Mistakes& mistakes) {
  const auto bad = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
  });
  const std::size_t at = std::min<std::size_t>(bad - text.begin(), valid_utf8_length(text));
  if (at == text.size()) return true;
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  mistakes.add({static_cast<int>(line), static_cast<int>(at - line_start) + 1},
               bad - text.begin() == static_cast<std::ptrdiff_t>(at) ? "a control character" : "a byte that is not UTF-8",
               "the file must be plain UTF-8 text");
  return false;
}

// yaml-cpp 0.7 takes the end of a file that ends with a line break for the closing quote, and all that followed the opening one
// for its text. A comment as last line is nothing to a good file, and makes the quote that is still open an error.
std::string with_visible_end(std::string_view text) {
  return std::string(text).append(text.empty() || text.ends_with('\n') ? "#" : "\n#");
}

}  // namespace

// Builds nodes from yaml-cpp's events. An alias adds a pointer, not a copy, but counts as much as what it stands for.
class DocumentBuilder final : public YAML::EventHandler {
 public:
  DocumentBuilder(Mistakes& mistakes, const YamlLimits& limits) : mistakes_(mistakes), limits_(limits) {}

  Document finish() && {
    if (document_.root_ == nullptr) document_.root_ = &document_.nodes_.emplace_back(Node::Kind::null, Place{1, 1});
    return std::move(document_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (document_.root_ != nullptr) stop(place_of(mark), "a second document begins here", "keep one document in a file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node& node = make(Node::Kind::null, mark);
    if (!open_.empty() && open_.back().key != nullptr)
      node.place_ = open_.back().key->place();  // yaml-cpp is past it, lines ahead
    leaf(node, anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    Node& node = make(Node::Kind::text, mark);
    node.text_ = value;
    node.in_quotes_ = tag == "!";  // YAML 1.2 6.9.1: the non-specific tag of non-plain scalars
    leaf(node, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(make(Node::Kind::sequence, mark), anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(make(Node::Kind::mapping, mark), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end())  // known to yaml-cpp, but its content has not ended yet
      stop(place_of(mark), "this alias stands inside the very thing it refers to", "move the anchor to something outside");
    count(found->second.size, place_of(mark));
    attach(*found->second.node);
  }

 private:
  struct Anchored {
    const Node* node;
    std::size_t size;  // nodes, aliases followed
  };
  struct Open {
    Node& node;
    YAML::anchor_t anchor;
    std::size_t counted_before;
    const Node* key = nullptr;  // read, its value still to come
    std::unordered_map<std::string_view, Place> keys = {};
  };

  [[noreturn]] void stop(Place place, std::string_view wrong, std::string_view right) {
    mistakes_.add(place, wrong, right);
    throw Stop{};
  }

  void count(std::size_t nodes, Place place) {
    counted_ += nodes;
    if (counted_ > limits_.nodes)
      stop(place, "more than " + std::to_string(limits_.nodes) + " values, aliases followed",
           "split the file, or use fewer aliases");
  }

  Node& make(Node::Kind kind, const YAML::Mark& mark) {
    count(1, place_of(mark));
    return document_.nodes_.emplace_back(kind, place_of(mark));
  }

  void leaf(const Node& node, YAML::anchor_t anchor) {
    if (anchor != 0) anchored_[anchor] = {&node, 1};
    attach(node);
  }

  void open(Node& node, YAML::anchor_t anchor) {
    if (open_.size() >= limits_.depth)
      stop(node.place(), "nested more than " + std::to_string(limits_.depth) + " deep", "flatten it");
    open_.push_back({node, anchor, counted_ - 1});
  }

  void close() {
    Open& done = open_.back();
    const Node& node = done.node;
    if (done.anchor != 0) anchored_[done.anchor] = {&node, counted_ - done.counted_before};
    open_.pop_back();
    attach(node);
  }

  void attach(const Node& node) {
    if (open_.empty()) {
      document_.root_ = &node;
    } else if (Open& parent = open_.back(); parent.node.is_sequence()) {
      parent.node.items_.emplace_back(node);
    } else if (parent.key == nullptr) {
      parent.key = &node;
    } else {
      add_entry(parent, *std::exchange(parent.key, nullptr), node);
    }
  }

  void add_entry(Open& parent, const Node& key, const Node& value) {
    if (!key.is_text()) return mistakes_.add(key.place(), "a key that is not plain text", "quote it if it is meant as a name");
    const auto [found, first] = parent.keys.emplace(key.text(), key.place());
    if (first) {
      parent.node.entries_.push_back({key, value});
    } else {
      mistakes_.add(key.place(), "duplicate key " + quote(key.text()),
                    "it stands on line " + std::to_string(found->second.line) + " already, keep one of them");
    }
  }

  Mistakes& mistakes_;
  const YamlLimits& limits_;
  Document document_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Anchored> anchored_;
  std::size_t counted_ = 0;
};

const Node* Node::find(std::string_view key) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.key.text() == key; });
  return found == entries_.end() ? nullptr : &found->value;
}

std::optional<Document> parse_yaml(std::string_view text, Mistakes& mistakes, const YamlLimits& limits) {
  if (text.size() > limits.bytes) {
    mistakes.add({}, "larger than " + std::to_string(limits.bytes) + " bytes", "split it");
    return {};
  }
  if (!only_text(text, mistakes)) return {};
  try {
    std::istringstream stream(with_visible_end(text));
    YAML::Parser parser(stream);
    DocumentBuilder builder(mistakes, limits);
    while (parser.HandleNextDocument(builder)) continue;
    return std::move(builder).finish();
  } catch (const Stop&) {
  } catch (const YAML::Exception& error) {
    mistakes.add(place_of(error.mark), error.msg, yaml_advice(text, error));
  }
  return {};
}

bool check_keys(const Node& mapping, std::span<const std::string_view> known, Mistakes& mistakes) {
  if (mapping.is_null()) return true;
  if (!mapping.is_mapping()) {
    mistakes.add(mapping.place(), "expected a mapping of keys to values", advice_on_text(mapping, known));
    return false;
  }
  for (const auto& [key, value] : mapping.entries()) {
    if (std::find(known.begin(), known.end(), key.text()) != known.end()) continue;
    if (key.text() == "<<")
      mistakes.add(key.place(), "merge keys (`<<`) are not supported",
                   "write the keys out, or put what is shared into `defaults` or a module");
    else mistakes.add(key.place(), "unknown key " + quote(key.text()), advice_on_key(key.text(), known));
  }
  return true;
}

}  // namespace config
