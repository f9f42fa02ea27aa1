// Who calls, as JSON: for the page, for `mtls_exporter callers` and for whoever asks /api/v1/callers. Addresses stand here and in
// no label. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "exporter/estate/estate.h"

namespace exporter::api {

// Of every door, those that end first, at most so many of each.
[[nodiscard]] nlohmann::ordered_json callers_of(const SourceSlot& slot, WallTime now, std::size_t most);

// {"at": ..., "callers": [...]}: all of them.
[[nodiscard]] std::string callers_json(const Estate& estate, WallTime now);

}  // namespace exporter::api
