// The estate as one JSON value, from which the list, and the tables in CSV, are made. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "exporter/api/filter.h"
#include "exporter/estate/estate.h"

namespace exporter::api {

[[nodiscard]] nlohmann::ordered_json estate_document(const Estate& estate, WallTime now, const Filter& filter);

}  // namespace exporter::api
