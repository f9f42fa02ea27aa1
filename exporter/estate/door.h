// How a door is kept, from what the knocks met: pure functions of the answers and the time. Any thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "exporter/estate/estate.h"

namespace exporter {

// An answer counts for two knock periods: one missed knock does not take the verdict away, two do.
[[nodiscard]] bool still_valid(const KnockRecord& knock, WallTime now, std::chrono::milliseconds every);

// What is settled of what was met: that TLS let a knock in says something only of a server that refuses in TLS, as it has refused
// another knock there. Elsewhere the application may refuse what TLS lets in.
void settle_answers(std::map<std::string, KnockRecord>& knocks);

// `requested`: whether the server asks for a certificate, as our own probe last saw it; absent while unknown. `knocks`: by
// "anonymous", "rogue" and identity names; answers older than two times `every` do not count. Never guesses: while the answers of
// anonymous and rogue are not both known, a server that asks is `undetermined`.
[[nodiscard]] probes::observations::DoorMode door_mode(std::optional<bool> requested,
                                                       const std::map<std::string, KnockRecord>& knocks, WallTime now,
                                                       std::chrono::milliseconds every);

// Who must be turned away: `must_refuse` as written, or anonymous and rogue where `required` is expected and nothing is written.
[[nodiscard]] std::vector<std::string> must_be_refused(const config::ClientAuth& settings);

// Somebody was admitted who must be turned away.
[[nodiscard]] bool admits_unwanted(const Door& door, const config::ClientAuth& settings);

// The value of mtls_client_auth_enforced: true when the door turns away whom it must, false when it is a hole, or somebody was
// admitted who must not be, or it never asks although it should. Absent while undetermined, and where nothing is asked of the
// door.
[[nodiscard]] std::optional<bool> enforced(const Door& door, const config::ClientAuth& settings);

}  // namespace exporter
