#include "exporter/web/router.h"

#include <algorithm>

namespace exporter::web {
namespace {

bool covers(const Route& route, const std::string& path) {
  return path == route.path || (route.path.size() > 1 && route.path.ends_with('/') && path.starts_with(route.path));
}

bool takes(const Route& route, const std::string& method) {
  const std::string& wanted = method == "HEAD" ? "GET" : method;
  return std::find(route.methods.begin(), route.methods.end(), wanted) != route.methods.end();
}

void allow(const Route& route, std::string& allowed) {
  for (const std::string& method : route.methods) {
    if (!allowed.empty()) allowed += ", ";
    allowed += method == "GET" ? "GET, HEAD" : method;
  }
}

}  // namespace

std::variant<const Handler*, Response> Router::find(const Request& request) const {
  // A path that is a route of its own is no part of another's.
  const bool own = std::ranges::any_of(routes_, [&](const Route& route) { return route.path == request.path; });
  std::string allowed;
  for (const Route& route : routes_) {
    if (own ? route.path != request.path : !covers(route, request.path)) continue;
    if (takes(route, request.method)) return &route.handler;
    allow(route, allowed);
  }
  if (allowed.empty()) return Response{.status = 404, .body = "Not found.\n"};
  return Response{.status = 405, .headers = {{"Allow", allowed}}, .body = "Method not allowed.\n"};
}

}  // namespace exporter::web
