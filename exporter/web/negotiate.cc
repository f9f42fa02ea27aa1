#include "exporter/web/negotiate.h"

#include <algorithm>
#include <map>
#include <vector>

#include "exporter/web/gzip.h"

namespace exporter::web {
namespace {

constexpr std::size_t pays_above = 1024;      // bytes; below, the headers weigh as much
constexpr std::size_t preferences_read = 64;  // list members; a scraper sends three to five

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// Splits outside quoted strings.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && text[at] == '"') quoted = !quoted;
    if (at < text.size() && (quoted || text[at] != separator)) continue;
    if (parts.size() == preferences_read) break;
    parts.push_back(trimmed(text.substr(start, at - start)));
    start = at + 1;
  }
  return parts;
}

// RFC 9110 12.4.2: "0" or "1" with at most three decimals, here in thousandths; negative when it is not one.
int thousandths(std::string_view weight) {
  if (weight.empty() || weight.size() > 5 || (weight[0] != '0' && weight[0] != '1')) return -1;
  int value = (weight[0] - '0') * 1000;
  if (weight.size() > 1 && weight[1] != '.') return -1;
  int unit = 100;
  for (const char digit : weight.substr(std::min<std::size_t>(2, weight.size()))) {
    if (digit < '0' || digit > '9') return -1;
    value += (digit - '0') * unit;
    unit /= 10;
  }
  return value <= 1000 ? value : -1;
}

struct Preference {
  std::string value;                              // in lower case
  std::map<std::string, std::string> parameters;  // names in lower case
  int weight = 1000;                              // thousandths
};

std::vector<Preference> preferences(std::string_view header) {
  std::vector<Preference> found;
  for (const std::string_view member : split(header, ',')) {
    const auto parts = split(member, ';');
    Preference preference{.value = lower(parts.front())};
    for (std::size_t at = 1; at < parts.size(); ++at) {
      const auto equals = parts[at].find('=');
      std::string_view value = equals == std::string_view::npos ? std::string_view() : trimmed(parts[at].substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
      preference.parameters[lower(trimmed(parts[at].substr(0, equals)))] = std::string(value);
    }
    const auto weight = preference.parameters.find("q");
    if (weight != preference.parameters.end()) preference.weight = thousandths(weight->second);
    if (!preference.value.empty() && preference.weight >= 0) found.push_back(std::move(preference));
  }
  return found;
}

bool version_is(const Preference& preference, std::string_view version) {
  const auto asked = preference.parameters.find("version");
  return asked == preference.parameters.end() || asked->second == version;
}

bool means_openmetrics(const Preference& preference) {
  return preference.value == "application/openmetrics-text" && version_is(preference, "1.0.0");
}

bool means_text(const Preference& preference) {
  if (preference.value == "text/plain") return version_is(preference, "0.0.4");
  return preference.value == "*/*" || preference.value == "text/*";
}

}  // namespace

Format format(std::string_view accept) {
  int best = 0;
  Format chosen = Format::text;
  for (const Preference& preference : preferences(accept)) {
    const bool openmetrics = means_openmetrics(preference);
    if (preference.weight <= best || (!openmetrics && !means_text(preference))) continue;
    best = preference.weight;
    chosen = openmetrics ? Format::openmetrics : Format::text;
  }
  return chosen;
}

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<int> named, any, plain;
  for (const Preference& preference : preferences(accept_encoding)) {
    if (preference.value == "gzip" || preference.value == "x-gzip") named = preference.weight;
    if (preference.value == "*") any = preference.weight;
    if (preference.value == "identity") plain = preference.weight;
  }
  const int weight = named ? *named : any.value_or(0);
  return weight > 0 && weight >= plain.value_or(0);
}

void compress(const Request& request, Response& response) {
  if (!response.body.last() || response.body.text().size() <= pays_above) return;
  for (const auto& [name, value] : response.headers)
    if (name == "Content-Encoding" || name == "Vary") return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!accepts_gzip(request.header("accept-encoding"))) return;
  std::string smaller = gzip(response.body.text());
  if (smaller.size() >= response.body.text().size()) return;
  response.body = std::move(smaller);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace exporter::web
