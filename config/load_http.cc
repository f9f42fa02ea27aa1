// http: the request that asks an HTTP server for its verdict.
#include <algorithm>

#include "config/sections.h"

namespace config {
namespace {

// RFC 9110 5.6.2: token.
bool is_token(std::string_view text) {
  static constexpr std::string_view punctuation = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           punctuation.find(c) != std::string_view::npos;
  });
}

void take_method(const Node& node, Http& http, Reading& reading) {
  if (take(node, http.method, reading.mistakes) && !is_token(http.method))
    reading.mistakes.add(node.place(), quote(node.text()) + " is no HTTP method", "write one like GET or HEAD");
}

void take_path(const Node& node, Http& http, Reading& reading) {
  if (!take(node, http.path, reading.mistakes)) return;
  if (!http.path.starts_with('/') || http.path.find_first_of(" #") != std::string::npos)
    reading.mistakes.add(node.place(), quote(node.text()) + " is no HTTP path", "begin it with `/`, and write a space as %20");
}

// RFC 9112 3.2, 6, 9.6: these frame the message and are the probe's to set; a second one would be another request.
constexpr std::string_view framing_headers[] = {"host", "content-length", "transfer-encoding", "connection"};

bool is_framing(std::string_view name) {
  const auto same = [](char lower, char c) { return lower == (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); };
  return std::any_of(std::begin(framing_headers), std::end(framing_headers), [&](std::string_view framing) {
    return std::equal(framing.begin(), framing.end(), name.begin(), name.end(), same);
  });
}

void take_headers(const Node& node, Http& http, Reading& reading) { take_header_table(node, http.headers, reading); }

// "2xx" or "404".
std::optional<StatusRange> status_range(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 3 || text[0] < '1' || text[0] > '5') return {};
  const int hundreds = (text[0] - '0') * 100;
  if (text.substr(1) == "xx") return StatusRange{hundreds, hundreds + 99};
  if (!digit(text[1]) || !digit(text[2])) return {};
  const int status = hundreds + (text[1] - '0') * 10 + (text[2] - '0');
  return StatusRange{status, status};
}

template <auto member>
void status_into(const Node& node, Http& http, Reading& reading) {
  std::vector<std::string> patterns;
  if (!take(node, patterns, reading.mistakes)) return;
  (http.*member).clear();
  for (const Node& item : node.items()) {
    if (const auto range = status_range(item.text())) (http.*member).push_back(*range);
    else
      reading.mistakes.add(item.place(), quote(item.text()) + " is no HTTP status",
                           "write one like 200 or 404, or a class like 2xx");
  }
}

constexpr Field<Http> fields[] = {
    {"method", take_method},
    {"path", take_path},
    {"headers", take_headers},
    {"accepted_status", status_into<&Http::accepted_status>},
    {"refused_status", status_into<&Http::refused_status>},
};

}  // namespace

Fields<Http> http_fields() { return fields; }

// Values may be credentials: they are never quoted.
void take_header_table(const Node& node, std::map<std::string, std::string>& headers, Reading& reading) {
  if (!is_table(node, reading.mistakes)) return;
  headers.clear();
  for (const auto& [name, value] : node.entries()) {
    if (!is_token(name.text()))
      reading.mistakes.add(name.place(), quote(name.text()) + " is no header name", "use letters, digits and dashes");
    if (is_framing(name.text()))
      reading.mistakes.add(name.place(), "the probe itself sets the header " + quote(name.text()),
                           "remove it; the host asked for is the target's `server_name`");
    take(value, headers[name.text()], reading.mistakes);
  }
}

void take_http(const Node& node, ModuleDraft& draft, Reading& reading) {
  take_section(node, http_fields(), draft.module.http, reading);
}

}  // namespace config
