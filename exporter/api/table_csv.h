// The tables of the page as CSV: /api/v1/watches.csv and its like. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exporter/api/filter.h"
#include "exporter/estate/estate.h"

namespace exporter::api {

// `table`: watches, identities, trust, sources, callers, discoveries, expiries, issuers, rotations; absent: there is no such
// table. The columns are the fields of /api/v1/estate; labels and lists are one cell, joined by "; ".
[[nodiscard]] std::optional<std::string> table_csv(const Estate& estate, std::string_view table, WallTime now,
                                                   const Filter& filter);

// Who depends on a CA, and how far a rotation is, is of the whole estate: a part of it would be wrong and look right.
[[nodiscard]] bool takes_filter(std::string_view table);

}  // namespace exporter::api
