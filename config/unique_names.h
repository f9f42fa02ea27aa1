// Names that must differ from each other, because they label series: two things of the same name could not be told apart. Private
// to this room; one per section while it is read.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "config/mistakes.h"
#include "config/yaml.h"

namespace config {

inline constexpr std::size_t name_limit = 256;  // bytes; a name becomes a label value

class UniqueNames {
 public:
  // `thing`: what is named, for people: "target". Both are borrowed.
  UniqueNames(std::string_view thing, Mistakes& mistakes) : thing_(thing), mistakes_(mistakes) {}

  // `node` is the thing, whose name was written under `name` or else follows from the rest of it. A name that was there before
  // is a mistake.
  void add(const Node& node, const std::string& name, std::string_view remedy) {
    const Node* written = node.find("name");
    const Place place = written != nullptr ? written->place() : node.place();
    const auto [found, first] = first_.emplace(name, place);
    if (first) return;
    const std::string line = std::to_string(found->second.line);
    mistakes_.add(place, "duplicate " + std::string(thing_) + " name " + quote(name) + ", first on line " + line,
                  written != nullptr ? "choose another `name`" : std::string(remedy));
  }

 private:
  std::string_view thing_;
  Mistakes& mistakes_;
  std::unordered_map<std::string, Place> first_;
};

}  // namespace config
