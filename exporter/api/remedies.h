// What to do about a watch of the running exporter: what the `probe` command would advise, and what only time and knocks can
// tell. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "exporter/api/standing.h"
#include "exporter/explain/account.h"

namespace exporter::api {

// The trust stores of the estate, for advice.
[[nodiscard]] std::shared_ptr<const explain::KnownStores> known_stores(const Estate& estate);

// What the watch asks, with the certificates it presents. `identity` and `stores` may be null.
[[nodiscard]] explain::Asked asked_by(const WatchSlot& slot, const IdentitySlot* identity,
                                      std::shared_ptr<const explain::KnownStores> stores);

// Sentences with their full stop, the most pressing first; empty when there is nothing to do.
[[nodiscard]] std::vector<std::string> remedies(const WatchSlot& slot, const Standing& standing, const explain::Asked& asked,
                                                WallTime now);

}  // namespace exporter::api
