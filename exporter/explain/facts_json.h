// What was observed, as JSON: the pieces that the `probe` command's report and the API are put together from. Times are RFC 3339
// in UTC, durations in seconds; what is not known is null. Text from certificates stands as it came: whoever writes it out
// replaces bytes that are no UTF-8. Pure; any thread.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "probes/observations/handshake.h"

namespace exporter::explain {

// "2026-12-31T23:59:59Z".
[[nodiscard]] std::string time_text(probes::observations::WallTime time);

[[nodiscard]] nlohmann::ordered_json certificates_json(const std::vector<probes::observations::CertificatePtr>& certificates);
[[nodiscard]] nlohmann::ordered_json problems_json(const std::vector<probes::observations::Problem>& problems);

// null for a null pointer.
[[nodiscard]] nlohmann::ordered_json chain_json(const probes::observations::ChainJudgementPtr& chain);
[[nodiscard]] nlohmann::ordered_json failure_json(const probes::observations::Failure* failure);

// Every field of one observation, as an object.
[[nodiscard]] nlohmann::ordered_json observation_json(const probes::observations::Handshake& seen);

}  // namespace exporter::explain
