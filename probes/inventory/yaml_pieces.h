// What kubeconfigs and manifests have in common: YAML, often several documents in a file, with base64 and file names in it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "config/yaml.h"
#include "probes/inventory/reading.h"

namespace probes::inventory {

// Calls `each` with the root of every document of `bytes`. One that cannot be read is the trouble `bad`; the others are read.
void for_each_document(std::string_view bytes, Reading& reading, observations::SourceReason bad,
                       const std::function<void(const config::Node& root)>& each);

// The text of `key` in the mapping `node`; empty where there is none.
[[nodiscard]] std::string text_of(const config::Node& node, std::string_view key);

// A line of `bytes` (of YAML, or of JSON written out) that says `key: value`, quoted or not, indented or not.
[[nodiscard]] bool says(std::string_view bytes, std::string_view key, std::string_view value);

}  // namespace probes::inventory
