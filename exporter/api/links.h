// Where the page leads from a watch: to the runbooks of its alerts, its dashboard, its alerts and itself, as `web.links` and
// --web.external-url say. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/links_settings.h"
#include "exporter/estate/estate.h"

namespace exporter::api {

// What the page may offer besides what it shows.
struct Offers {
  config::Links links = {};
  std::string external_url = {};  // --web.external-url; empty: nobody has said how people reach us
  bool probe_now = false;         // --web.enable-lifecycle
};

struct Link {
  std::string_view kind;  // runbook, dashboard, alerts, page
  std::string name;       // of a runbook: the alert's; else empty
  std::string url;        // http or https
};

// A link that lacks a value (a label that the target does not have) is left out.
[[nodiscard]] std::vector<Link> links_of(const WatchSlot& slot, const std::vector<std::string_view>& alerts,
                                         const Offers& offers);

// The page of a watch below `external_url`; empty where that is.
[[nodiscard]] std::string page_of(const std::string& external_url, const config::Target& target, const std::string& identity);

}  // namespace exporter::api
