// The estate as JSON, for scripts and for the page: /api/v1/estate is a list that stays quick with ten thousand watches,
// /api/v1/targets/NAME has everything known of one target. docs/api.md names every field. Valid UTF-8 whatever a certificate
// says. Pure functions of the estate and the time; any thread.
#pragma once

#include <optional>
#include <string>

#include "exporter/api/filter.h"
#include "exporter/api/links.h"
#include "exporter/estate/estate.h"

namespace exporter::api {

[[nodiscard]] std::string estate_json(const Estate& estate, WallTime now, const Filter& filter = {});

// Absent: there is no such target.
[[nodiscard]] std::optional<std::string> target_json(const Estate& estate, const std::string& name, WallTime now,
                                                     const Offers& offers = {});

}  // namespace exporter::api
