// The words of a line of haproxy's configuration: quotes, backslashes, comments, and variables of the environment of its service.
// haproxy's manual, 2.2 "Quoting and escaping" and 2.3 "Environment variables". Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace exporter::discovery {

using Words = std::vector<std::string>;

// The value of a variable; nothing: not known.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The words, or why the line has none: an open quote, too many words, a variable that is not known ("`${X}` ...").
[[nodiscard]] std::variant<Words, std::string> words_of(std::string_view line, const Environment& environment);

}  // namespace exporter::discovery
