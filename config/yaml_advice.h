// What to say to somebody whose YAML cannot be read: yaml-cpp's own messages tell what it wanted, seldom what went wrong. Pure;
// any thread.
#pragma once

#include <yaml-cpp/exceptions.h>

#include <string>
#include <string_view>

namespace config {

// `text` is the whole file that `error` is about.
[[nodiscard]] std::string yaml_advice(std::string_view text, const YAML::Exception& error);

}  // namespace config
