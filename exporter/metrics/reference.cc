#include "exporter/metrics/reference.h"

#include "exporter/metrics/family.h"
#include "probes/observations/reason.h"

namespace exporter::metrics {

namespace {

std::string label_cell(const Family& family) {
  std::string cell;
  for (const std::string_view name : label_names(family)) {
    if (!cell.empty()) cell += ", ";
    cell.append("`").append(name).append("`");
  }
  return cell;
}

}  // namespace

std::string metrics_table() {
  std::string table = "| metric | type | labels | level | meaning |\n|---|---|---|---|---|\n";
  for (const Family& family : families()) {
    table.append("| `").append(family.name).append("` | ").append(word(family.type)).append(" | ").append(label_cell(family));
    table.append(" | ").append(word(family.detail)).append(" | ").append(family.help).append(" |\n");
  }
  return table;
}

std::string blackbox_table() {
  std::string table = "| metric | labels | meaning |\n|---|---|---|\n";
  for (const Family& family : blackbox_families())
    table.append("| `")
        .append(family.name)
        .append("` | ")
        .append(label_cell(family))
        .append(" | ")
        .append(family.help)
        .append(" |\n");
  return table;
}

std::string reasons_table() {
  std::string table = "| stage | reason | meaning |\n|---|---|---|\n";
  for (const auto& pair : probes::observations::all_reasons()) {
    table.append("| `").append(word(pair.stage)).append("` | `").append(word(pair.reason)).append("` | ");
    table.append(meaning(pair)).append(" |\n");
  }
  return table;
}

}  // namespace exporter::metrics
