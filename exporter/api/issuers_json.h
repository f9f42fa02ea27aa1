// Who depends on each CA, as JSON: for the page's tree, for `mtls_exporter dependents` and for whoever asks /api/v1/issuers.
// Pure; any thread.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "exporter/estate/estate.h"

namespace exporter::api {

// {"at": ..., "issuers": [...], "near": [...]}. `wanted` empty: every CA that something depends on, those that expire first in
// front, with the first few of each kind. Else the CAs of this name, common name or key, with nearly all; where there is none,
// `near` has the names that may have been meant.
[[nodiscard]] std::string issuers_json(const Estate& estate, const std::string& wanted, WallTime now);
[[nodiscard]] nlohmann::ordered_json issuers_document(const Estate& estate, const std::string& wanted, WallTime now);

}  // namespace exporter::api
