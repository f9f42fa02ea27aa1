#include "exporter/api/table_csv.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "exporter/api/callers_json.h"
#include "exporter/api/estate_document.h"
#include "exporter/api/issuers_json.h"
#include "exporter/api/rotations_json.h"
#include "exporter/explain/csv.h"

namespace exporter::api {

using Json = nlohmann::ordered_json;

namespace {

// Written out, so that an empty table has its heading, and a column keeps its place.
const std::map<std::string_view, std::vector<std::string_view>>& tables() {
  static const std::map<std::string_view, std::vector<std::string_view>> all = {
      {"watches",
       {"target",      "identity", "endpoint", "module", "labels",          "state",           "cause",          "expiry",
        "expiry_days", "stage",    "reason",   "alert",  "verdict",         "chain_valid",     "chain_complete", "hostname_match",
        "findings",    "mode",     "enforced", "probed", "expiry_severity", "resolved_address"}},
      {"identities",
       {"identity", "labels", "usable", "subject_cn", "issuer_cn", "chain_valid", "problems", "expiry", "expiry_days", "state",
        "expiry_severity"}},
      {"trust", {"name", "labels", "up", "certificates", "errors", "expiry", "expiry_days", "state"}},
      {"sources",
       {"source", "name", "labels", "up", "certificates", "states", "errors", "expiry", "expiry_days", "state",
        "expiry_severity"}},
      {"callers",
       {"door", "subject_cn", "issuer_cn", "serial", "fingerprint", "state", "calling", "first_seen", "last_seen", "accepted",
        "refused", "server", "addresses", "labels", "expiry", "expiry_days", "standing", "expiry_severity"}},
      {"discoveries", {"name", "labels", "up", "targets", "refreshed", "errors", "troubles_total", "state"}},
      {"issuers",
       {"issuer", "issuer_key", "subject_cn", "state", "expiry", "expiry_days", "expiry_severity", "dependents", "kinds"}},
      {"rotations", {"rotation", "step", "state", "pending", "unknown", "out_of_order", "what"}},
      {"expiries",
       {"subject_cn", "issuer_cn", "fingerprint_sha256", "authority", "expiry", "expiry_days", "ends_soon", "places",
        "places_total", "expiry_severity"}}};
  return all;
}

std::string text_of(const Json& value);

// Of what a list holds, the words that tell it apart.
std::string item_text(const Json& item) {
  if (!item.is_object()) return text_of(item);
  for (const auto& [first, second] :
       {std::pair("source", "name"), std::pair("finding", "detail"), std::pair("problem", "detail")})
    if (item.contains(first)) return text_of(item[first]) + (item.contains(second) ? " " + text_of(item[second]) : "");
  return item.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string text_of(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (const auto& [key, item] : value.items()) {
    if (value.is_object() && item == 0) continue;  // of counts by reason, those that there are
    const std::string one = value.is_object() ? key + "=" + text_of(item) : item_text(item);
    text += (text.empty() ? "" : "; ") + one;
  }
  return text;
}

// A number is written as it is: it runs nothing, and a negative one stays a number.
std::string cell(const Json& row, std::string_view column) {
  const auto found = row.find(std::string(column));
  if (found == row.end()) return "";
  return found->is_number() ? found->dump() : explain::csv_cell(text_of(*found));
}

// Of each kind of what depends on a CA, how many.
Json issuer_rows(const Estate& estate, WallTime now) {
  Json rows = issuers_document(estate, "", now)["issuers"];
  for (Json& row : rows)
    for (auto& [kind, of] : row["kinds"].items()) of = Json(of["count"]);
  return rows;
}

// A row for each step.
Json rotation_rows(const Estate& estate, WallTime now) {
  Json rows = Json::array();
  const Json document = rotations_document(estate, now);
  for (const Json& rotation : document["rotations"])
    for (const Json& step : rotation["steps"]) {
      rows.push_back(step);
      rows.back()["rotation"] = rotation["name"];
    }
  return rows;
}

Json rows_of(const Estate& estate, std::string_view table, WallTime now, const Filter& filter) {
  if (table == "issuers") return issuer_rows(estate, now);
  if (table == "rotations") return rotation_rows(estate, now);
  const std::string name(table);
  return table == "callers" ? callers_document(estate, now, filter)[name] : estate_document(estate, now, filter)[name];
}

}  // namespace

bool takes_filter(std::string_view table) { return table != "issuers" && table != "rotations"; }

std::optional<std::string> table_csv(const Estate& estate, std::string_view table, WallTime now, const Filter& filter) {
  const auto found = tables().find(table);
  if (found == tables().end()) return std::nullopt;
  std::string text;
  for (const std::string_view column : found->second) text.append(text.empty() ? "" : ",").append(column);
  text += "\r\n";
  for (const Json& row : rows_of(estate, table, now, filter)) {
    std::string line;
    for (const std::string_view column : found->second) line += (column == found->second.front() ? "" : ",") + cell(row, column);
    text += line + "\r\n";
  }
  return text;
}

}  // namespace exporter::api
