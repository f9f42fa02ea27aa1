// One watch as JSON: a line of the list, and everything known of it. Field names follow the words of the metrics. Pure; any
// thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "exporter/api/links.h"
#include "exporter/api/standing.h"
#include "exporter/estate/estate.h"
#include "exporter/explain/account.h"

namespace exporter::api {

// A line of the list: what is sorted and filtered by. Its text is cleaned and cut as labels are (exporter/metrics/label.h).
[[nodiscard]] nlohmann::ordered_json watch_line(const WatchSlot& slot, const Standing& standing, WallTime now);

// The line, and beside it the certificates, findings, list of acceptable CAs, knocks, history and remedies. `identity` is what
// the watch presents; null: nothing is known of it. `stores`: of the whole estate; may be null.
[[nodiscard]] nlohmann::ordered_json watch_account(const WatchSlot& slot, const IdentitySlot* identity, WallTime now,
                                                   std::shared_ptr<const explain::KnownStores> stores = nullptr,
                                                   const Offers& offers = {});

}  // namespace exporter::api
