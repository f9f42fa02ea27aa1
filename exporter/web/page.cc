#include "exporter/web/page.h"

#include <string>

namespace exporter::web {
namespace {

// Certificates are full of text that others wrote. The page makes no markup of it (page/dom.js), and were it to, the browser
// would not run it: no inline script, no foreign origin, no assignment of markup (Trusted Types).
constexpr char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const char* content_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  return "image/svg+xml";
}

Response file_response(const PageFile& file) {
  return {.content_type = content_type(file.name),
          .headers = {{"Content-Security-Policy", policy}, {"Referrer-Policy", "no-referrer"}, {"Cache-Control", "no-cache"}},
          .body = std::string(file.text)};
}

}  // namespace

std::vector<Route> page_routes() {
  std::vector<Route> routes;
  for (const PageFile& file : page_files()) {
    const std::string path = file.name == "index.html" ? "/" : "/page/" + std::string(file.name);
    routes.push_back({path, {"GET"}, at_once([response = file_response(file)](const Request&) { return response; })});
  }
  return routes;
}

}  // namespace exporter::web
