#include "config/yaml_advice.h"

#include <yaml-cpp/mark.h>

#include <algorithm>

#include "config/mistakes.h"

namespace config {
namespace {

std::string_view line_of(std::string_view text, int number) {
  for (; number > 0 && !text.empty(); --number) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find_first_of("\r\n"));
}

// "address" of `  - address "a:1"`: a line that begins as an entry does, and has no colon where one belongs.
std::string_view key_without_colon(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" -{"), line.size()));
  const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  if (end == 0 || end == std::string_view::npos || line[end] != ' ') return {};
  if (line.find(": ") != std::string_view::npos || line.ends_with(':')) return {};
  return line.substr(0, end);
}

// What the line shows better than yaml-cpp's message does; "" where it shows nothing.
std::string seen_in(std::string_view text, const YAML::Mark& mark) {
  const std::string_view line = line_of(text, mark.line);
  if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos) return "indent with spaces, not tabs";
  const char at = static_cast<std::size_t>(mark.column) < line.size() ? line[static_cast<std::size_t>(mark.column)] : ' ';
  if (at == '*') return "a `*` without quotes begins an alias; put patterns in quotes, like \"*.pem\"";
  if (at == '@' || at == '%') return std::string("text that begins with `") + at + "` needs quotes";
  for (const std::string_view candidate : {line, mark.line > 0 ? line_of(text, mark.line - 1) : std::string_view()})
    if (const std::string_view key = key_without_colon(candidate); !key.empty())
      return "is a colon missing after " + quote(key) + "?";
  return {};
}

std::string told_by(std::string_view message) {
  if (message.find("tab") != std::string_view::npos) return "indent with spaces, not tabs";
  if (message == YAML::ErrorMsg::END_OF_MAP_FLOW) return "a `{` needs its `}`, and a comma between entries";
  if (message == YAML::ErrorMsg::END_OF_SEQ_FLOW) return "a `[` needs its `]`, and a comma between items";
  if (message == YAML::ErrorMsg::END_OF_MAP || message == YAML::ErrorMsg::END_OF_SEQ || message == YAML::ErrorMsg::MAP_KEY)
    return "keys of one mapping, and the dashes of one list, start in the same column";
  if (message == YAML::ErrorMsg::MAP_VALUE) return "put text that contains `: ` in quotes, and check the indentation";
  if (message == YAML::ErrorMsg::EOF_IN_SCALAR) return "close the quotes";
  if (message == YAML::ErrorMsg::INVALID_ESCAPE) return "use single quotes where a backslash is meant";
  return "put text with special characters in quotes, and check the indentation";
}

}  // namespace

std::string yaml_advice(std::string_view text, const YAML::Exception& error) {
  const std::string seen = seen_in(text, error.mark);
  return seen.empty() ? told_by(error.msg) : seen;
}

}  // namespace config
