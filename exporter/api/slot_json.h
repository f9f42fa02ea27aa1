// Of everything that is not a watch, its line in the list: what /api/v1/estate says of it. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "exporter/api/standing.h"
#include "exporter/estate/ends_soon.h"
#include "exporter/estate/estate.h"

namespace exporter::api {

[[nodiscard]] nlohmann::ordered_json identity_json(const IdentitySlot& slot, State state, WallTime now);
[[nodiscard]] nlohmann::ordered_json trust_json(const TrustSlot& slot, State state, WallTime now);
[[nodiscard]] nlohmann::ordered_json source_json(const SourceSlot& slot, State state, WallTime now);
[[nodiscard]] nlohmann::ordered_json discovery_json(const DiscoverySlot& slot, State state);

// "warning", "critical"; null: it does not end soon.
[[nodiscard]] nlohmann::ordered_json severity_json(ExpirySeverity severity);

}  // namespace exporter::api
