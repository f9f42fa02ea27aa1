// What people write who come from another program's configuration, and what to write here instead. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/mistakes.h"
#include "config/yaml.h"

namespace config {

// What to say of a key that is none of `known`: what it is elsewhere, that a space is missing, or which known key is near.
[[nodiscard]] std::string advice_on_key(std::string_view key, std::span<const std::string_view> known);

// What to say of a node that should be a mapping with `known` keys: mostly the one entry was meant that must be there.
[[nodiscard]] std::string advice_on_text(const Node& node, std::span<const std::string_view> known);

// Adds a mistake for every text below `root` that asks for a variable of the environment, like ${HOST}: they are not read, and a
// path that was meant to hold one would name a file that nobody has.
void refuse_variables(const Node& root, Mistakes& mistakes);

}  // namespace config
