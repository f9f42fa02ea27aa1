#include "exporter/web/response_head.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace exporter::web {
namespace {

struct Reason {
  int status;
  const char* phrase;
};

constexpr std::array reasons = {
    Reason{200, "OK"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{408, "Request Timeout"},
    Reason{411, "Length Required"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{417, "Expectation Failed"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{503, "Service Unavailable"},
    Reason{505, "HTTP Version Not Supported"},
};

const char* phrase(int status) {
  const auto found = std::find_if(reasons.begin(), reasons.end(), [&](const Reason& reason) { return reason.status == status; });
  return found == reasons.end() ? "Unknown" : found->phrase;
}

// RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT", whatever the locale.
std::string http_date(probes::observations::WallTime now) {
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 40> rest{};
  const std::size_t size = std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &utc);
  const std::string day = (utc.tm_mday < 10 ? "0" : "") + std::to_string(utc.tm_mday);
  return std::string(days[utc.tm_wday]) + ", " + day + " " + months[utc.tm_mon] + std::string(rest.data(), size);
}

void add(std::string& head, const std::string& name, const std::string& value) {
  const auto control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; };
  if (std::any_of(value.begin(), value.end(), control) || std::any_of(name.begin(), name.end(), control)) return;
  head += name + ": " + value + "\r\n";
}

}  // namespace

Framing framing_of(const Body& body, bool http_1_0) {
  if (body.last()) return Framing::length;
  return http_1_0 ? Framing::until_close : Framing::chunked;
}

std::string response_head(const Response& response, Framing framing, const Headers& more, probes::observations::WallTime now) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + phrase(response.status) + "\r\n";
  add(head, "Date", http_date(now));
  add(head, "Content-Type", response.content_type);
  if (framing == Framing::length) add(head, "Content-Length", std::to_string(response.body.text().size()));
  if (framing == Framing::chunked) add(head, "Transfer-Encoding", "chunked");
  add(head, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) add(head, name, value);
  for (const auto& [name, value] : more)
    if (name != "X-Content-Type-Options") add(head, name, value);  // said already, and it has one value only
  return head + "Connection: close\r\n\r\n";
}

}  // namespace exporter::web
