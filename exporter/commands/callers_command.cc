#include "exporter/commands/callers_command.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "exporter/explain/csv.h"
#include "exporter/explain/phrases.h"
#include "probes/net/fetch.h"

namespace exporter {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::array columns = {"door",   "subject_cn", "state",      "calling",  "expiry_days",
                                "expiry", "last_seen",  "first_seen", "accepted", "refused",
                                "server", "addresses",  "issuer_cn",  "serial",   "fingerprint"};

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "";
  if (!value.is_array()) return value.dump();
  std::string joined;
  for (const Json& one : value) joined.append(joined.empty() ? "" : " ").append(text_of(one));
  return joined;
}

std::string cell(const Json& value) {
  return value.is_string() || value.is_array() ? explain::csv_cell(text_of(value)) : text_of(value);
}

std::string csv(const std::vector<Json>& callers) {
  std::string text;
  const auto row = [&](auto value_of) {
    for (std::size_t at = 0; at < columns.size(); ++at) text.append(at == 0 ? "" : ",").append(value_of(columns[at]));
    text += "\r\n";
  };
  row([](const char* column) { return std::string(column); });
  for (const Json& caller : callers) row([&](const char* column) { return cell(caller.value(column, Json())); });
  return text;
}

std::string days_text(const Json& days) {
  if (!days.is_number()) return "?";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", days.get<double>());
  return text.data();
}

// Columns as wide as what stands in them, numbers to the right.
std::string table(const std::vector<Json>& callers) {
  using Row = std::array<std::string, 7>;
  std::vector<Row> rows = {{"DOOR", "CALLER", "STATE", "DAYS LEFT", "LAST SEEN", "ACCEPTED", "REFUSED"}};
  for (const Json& one : callers) {
    const bool calling = one.value("calling", false);
    rows.push_back({explain::safe(text_of(one.value("door", Json()))), explain::safe(text_of(one.value("subject_cn", Json()))),
                    text_of(one.value("state", Json())) + (calling ? "" : ", silent"),
                    days_text(one.value("expiry_days", Json())), text_of(one.value("last_seen", Json())),
                    text_of(one.value("accepted", Json())), text_of(one.value("refused", Json()))});
  }
  std::array<std::size_t, 7> widths{};
  for (const Row& row : rows)
    for (std::size_t at = 0; at < row.size(); ++at) widths[at] = std::max(widths[at], row[at].size());
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t at = 0; at < row.size(); ++at) {
      const std::string blank(widths[at] - row[at].size(), ' ');
      const bool number = at == 3 || at > 4;
      line.append(at == 0 ? "" : "  ").append(number ? blank + row[at] : row[at] + blank);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text + std::to_string(callers.size()) + (callers.size() == 1 ? " caller\n" : " callers\n");
}

bool is_wanted(const ListCallers& wanted, const Json& caller) {
  if (!wanted.door.empty() && text_of(caller.value("door", Json())) != wanted.door) return false;
  if (!wanted.expiring) return true;
  const Json days = caller.value("expiry_days", Json());
  const double within = std::chrono::duration<double, std::ratio<86400>>(*wanted.expiring).count();
  return caller.value("calling", false) && days.is_number() && days.get<double>() < within;
}

}  // namespace

std::string listed(const ListCallers& wanted, const std::string& answer) {
  const Json whole = Json::parse(answer, nullptr, false);
  if (!whole.is_object() || !whole.contains("callers") || !whole["callers"].is_array())
    throw std::runtime_error("the answer is not that of an exporter that reads logs of callers");
  std::vector<Json> found;
  for (const Json& caller : whole["callers"])
    if (caller.is_object() && is_wanted(wanted, caller)) found.push_back(caller);
  std::ranges::stable_sort(found, {}, [](const Json& caller) {
    const Json days = caller.value("expiry_days", Json());
    return days.is_number() ? days.get<double>() : 1e9;
  });
  if (wanted.format == ListCallers::Format::csv) return csv(found);
  if (wanted.format == ListCallers::Format::text) return table(found);
  return Json({{"at", whole.value("at", "")}, {"callers", found}}).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

namespace {

// 0, or 2 where the exporter cannot be asked, does not know the caller or does not let it be forgotten.
int forget(const ListCallers& wanted, std::ostream& out, std::ostream& err) {
  std::string fingerprint;
  for (const char c : wanted.forget)
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) fingerprint += c;
    else if (c != ':') return err << "mtls_exporter: a fingerprint is of hexadecimal digits\n", 2;
  const auto answer = probes::net::fetch(
      {.url = wanted.exporter + "/api/v1/callers/forget?fingerprint=" + fingerprint, .headers = {}, .post = ""});
  if (const auto* failure = std::get_if<probes::net::FetchFailure>(&answer)) {
    err << "mtls_exporter: " << wanted.exporter << " cannot be asked: " << failure->why << "\n";
    return 2;
  }
  const auto& fetched = std::get<probes::net::Fetched>(answer);
  const std::string said = explain::safe(std::string_view(fetched.body).substr(0, fetched.body.find('\n')));
  if (fetched.status == 200) return out << said << "\n", 0;
  err << "mtls_exporter: " << wanted.exporter << ": HTTP status " << fetched.status << ": " << said << "\n";
  return 2;
}

}  // namespace

int callers_command(const ListCallers& wanted, std::ostream& out, std::ostream& err) {
  if (!wanted.forget.empty()) return forget(wanted, out, err);
  const auto answer = probes::net::fetch({.url = wanted.exporter + "/api/v1/callers"});
  if (const auto* failure = std::get_if<probes::net::FetchFailure>(&answer)) {
    err << "mtls_exporter: " << wanted.exporter << " cannot be asked: " << failure->why << "\n";
    return 2;
  }
  const auto& fetched = std::get<probes::net::Fetched>(answer);
  try {
    if (fetched.status != 200) throw std::runtime_error("HTTP status " + std::to_string(fetched.status));
    out << listed(wanted, fetched.body);
  } catch (const std::exception& error) {
    err << "mtls_exporter: " << wanted.exporter << ": " << error.what() << "\n";
    return 2;
  }
  return 0;
}

}  // namespace exporter
