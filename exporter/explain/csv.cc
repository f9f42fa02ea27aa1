#include "exporter/explain/csv.h"

#include <utility>

namespace exporter::explain {

namespace {

bool begins_as_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos;
}

}  // namespace

std::string csv_cell(std::string text) {
  if (begins_as_formula(text)) text.insert(text.begin(), '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string cell = "\"";
  for (const char character : text) cell.append(character == '"' ? 2 : 1, character);
  return cell + '"';
}

}  // namespace exporter::explain
