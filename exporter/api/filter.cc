#include "exporter/api/filter.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "exporter/api/standing.h"

namespace exporter::api {

namespace {

constexpr std::array states = {State::failed, State::attention, State::pending, State::good};

bool among(const std::vector<std::string>& wanted, std::string_view word) {
  return wanted.empty() || std::ranges::find(wanted, word) != wanted.end();
}

bool is_state(const std::string& text) {
  return std::ranges::any_of(states, [&](State state) { return word(state) == text; });
}

constexpr std::array<std::string_view, 9> sources_known = {"server", "identity",           "file",      "authority", "caller",
                                                           "trust",  "distribution_point", "responder", "discovery"};

}  // namespace

bool Filter::takes(const config::Labels& of) const {
  return std::ranges::all_of(labels, [&](const auto& wanted) {
    const auto found = of.find(wanted.first);
    return found != of.end() && found->second == wanted.second;
  });
}

bool Filter::takes_state(std::string_view state) const { return among(states, state); }

bool Filter::takes_source(std::string_view source) const { return among(sources, source); }

std::variant<Filter, std::string> filter_of(const std::multimap<std::string, std::string>& query) {
  Filter filter;
  for (const auto& [name, value] : query) {
    if (name == "label") {
      const auto equals = value.find('=');
      if (equals == std::string::npos || equals == 0) return "label wants NAME=VALUE, like label=owner=payments";
      filter.labels.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    } else if (name == "state") {
      if (!is_state(value)) return "state is one of failed, attention, pending, good";
      filter.states.push_back(value);
    } else if (name == "source") {
      if (std::ranges::find(sources_known, value) == sources_known.end())
        return "source is one of server, identity, file, authority, caller, trust, distribution_point, responder, discovery";
      filter.sources.push_back(value);
    } else {
      return "unknown parameter; there are label, state and source";
    }
  }
  return filter;
}

}  // namespace exporter::api
