// Which keys the configuration knows, for whoever must agree with the loader: the editors' schema, the documentation.
#pragma once

#include <string_view>
#include <vector>

namespace config {

struct SectionKeys {
  std::string_view section;  // the definition's name in schema.json; "configuration" is the top level
  std::vector<std::string_view> keys;
};

// Every section with its keys, from the tables load() itself reads by. `defaults` has the keys of "module".
[[nodiscard]] std::vector<SectionKeys> known_keys();

}  // namespace config
