// Which of the alerts in deploy/prometheus/rules are about a watch as it stands: where its page links to runbooks. They fire once
// the state has lasted as long as the rule asks for, or not at all where Prometheus has other rules: what is said here is their
// names. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "exporter/api/standing.h"

namespace exporter::api {

// Those that page first; each once.
[[nodiscard]] std::vector<std::string_view> alerts_of(const WatchSlot& slot, const Standing& standing, WallTime now);

// Every name that alerts_of() can give.
[[nodiscard]] std::vector<std::string_view> all_alerts_of_watches();

}  // namespace exporter::api
