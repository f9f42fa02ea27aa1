// Which part of the estate somebody asks for: /api/v1/estate?label=owner=payments&state=failed&source=server. Values; any thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/settings.h"

namespace exporter::api {

struct Filter {
  std::vector<std::pair<std::string, std::string>> labels;  // each of them is wanted
  std::vector<std::string> states;                          // any of them; empty: all
  std::vector<std::string> sources;                         // any of them, as the label `source` says; empty: all

  [[nodiscard]] bool takes(const config::Labels& of) const;
  [[nodiscard]] bool takes_state(std::string_view state) const;
  [[nodiscard]] bool takes_source(std::string_view source) const;
};

// What a query asks for; or what is wrong with it, for people.
[[nodiscard]] std::variant<Filter, std::string> filter_of(const std::multimap<std::string, std::string>& query);

}  // namespace exporter::api
