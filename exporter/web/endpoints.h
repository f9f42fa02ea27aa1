// What this exporter answers on, as one table: /metrics, /probe, /api/v1, /-/healthy, /-/ready, /-/reload and the page at /.
// What they show comes from functions, so that the web knows nothing of the estate. The functions are called on handler threads,
// several at a time.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "exporter/web/negotiate.h"
#include "exporter/web/router.h"

namespace exporter::web {

struct Sources {
  std::function<Pieces(Format)> scrape;
  std::function<std::string()> estate;  // /api/v1/estate, in JSON
  // A part of it by a query, as JSON, and a table of it as CSV: the text, or what is wrong with the query. Absent: no such table.
  using Query = std::multimap<std::string, std::string>;
  struct Mistake {
    std::string text;  // for people
  };
  using Part = std::variant<std::string, Mistake>;
  std::function<Part(const Query&)> estate_part;
  std::function<std::optional<Part>(const std::string& table, const Query&)> table_csv;  // /api/v1/TABLE.csv
  std::function<Part(const Query&)> expiries_ics;                                        // /api/v1/expiries.ics
  std::function<std::optional<std::string>(const std::string&)> target_named;  // /api/v1/targets/NAME; absent: there is none
  std::function<Part(const Query&)> callers = {};                              // /api/v1/callers, in JSON; empty: there is none
  std::function<bool(const std::string&)> forget_caller = {};                  // by its fingerprint; false: nobody has it
  std::function<std::string(const std::string& issuer)> issuers = {};          // /api/v1/issuers, in JSON; empty: there is none
  std::function<std::string()> rotations = {};                                 // /api/v1/rotations, likewise
  std::function<bool()> every_target_tried;
  std::function<std::optional<std::string>()> reload;  // the error, or nothing when the new configuration runs
  Handler probe;                                       // /probe; empty: there is none
  bool enable_lifecycle = false;                       // --web.enable-lifecycle
  std::string external_url = {};                       // --web.external-url; empty: nobody has said
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

// /-/ready says yes after this long whatever the targets do: one that never answers must not hold back a rollout.
inline constexpr std::chrono::minutes ready_at_latest{2};

// The whole table. Time for /-/ready counts from this call.
[[nodiscard]] std::vector<Route> endpoints(const Sources& sources);

// Only /-/healthy and /-/ready: for --web.probe-listen-address.
[[nodiscard]] std::vector<Route> health_endpoints(const Sources& sources);

}  // namespace exporter::web
