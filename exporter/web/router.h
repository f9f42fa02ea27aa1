// Which handler answers which path and method. Immutable once built; read from any thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "exporter/web/http.h"

namespace exporter::web {

struct Route {
  std::string path;                  // exact; one that ends in '/' (other than "/" itself) also takes every path below it
  std::vector<std::string> methods;  // GET includes HEAD
  Handler handler;
};

class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  // The handler for `request`, borrowed from this router, or the refusal: 404, or 405 with Allow.
  [[nodiscard]] std::variant<const Handler*, Response> find(const Request& request) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace exporter::web
