// How far rotations are, as JSON: for the page, for `mtls_exporter rotation` and for whoever asks /api/v1/rotations. Pure; any
// thread.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "exporter/estate/estate.h"

namespace exporter::api {

// {"at": ..., "rotations": [...]}, each with its four steps and what stands in the way of each, by name.
[[nodiscard]] std::string rotations_json(const Estate& estate, WallTime now);
[[nodiscard]] nlohmann::ordered_json rotations_document(const Estate& estate, WallTime now);

}  // namespace exporter::api
