// Who calls, as JSON: for the page, for `mtls_exporter callers` and for whoever asks /api/v1/callers. Addresses stand here and in
// no label. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "exporter/api/filter.h"
#include "exporter/api/selection.h"
#include "exporter/estate/estate.h"

namespace exporter::api {

// Of those that were chosen of a door, those that end first, at most so many.
[[nodiscard]] nlohmann::ordered_json callers_of(const ChosenCallers& chosen, WallTime now, std::size_t most);

// {"at": ..., "callers": [...]}: all that the filter leaves.
[[nodiscard]] std::string callers_json(const Estate& estate, WallTime now, const Filter& filter = {});
[[nodiscard]] nlohmann::ordered_json callers_document(const Estate& estate, WallTime now, const Filter& filter);

}  // namespace exporter::api
