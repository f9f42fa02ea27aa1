// How a watch stands and, in a sentence, what is the matter: what the first line about it says, in the API and on the page. A
// pure function of its slot and the time; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/estate/ends_soon.h"
#include "exporter/estate/estate.h"
#include "exporter/estate/expectations.h"

namespace exporter::api {

// `failed` exactly while mtls_probe_success is 0; `attention`: all holds, and something will not for long or cannot be told;
// `pending`: not probed yet.
enum class State { failed, attention, pending, good };
[[nodiscard]] std::string_view word(State state);

struct Standing {
  State state = State::pending;
  std::string cause;      // one sentence without a full stop; empty when good
  std::string_view word;  // the cause as metrics say it: a failure's reason, a finding, a door's mode; may be empty
  std::vector<Expectation> broken;
};

[[nodiscard]] Standing standing(const WatchSlot& slot, WallTime now);

// When what the server sends stops being good: the end of its leaf or of its trusted chain, whichever comes first. Kept through
// outages as the certificates are. None: no certificate is known, or its end cannot be read.
[[nodiscard]] probes::observations::Date ending(const WatchSlot& slot);

// Of two: a certificate is known, and its end cannot be read.
[[nodiscard]] bool ending_unreadable(const WatchSlot& slot);

// The later leaf of those on disk that the server is meant to serve and has not loaded; null: it serves the latest, or nothing is
// known.
[[nodiscard]] const StoredLeaf* not_loaded(const WatchSlot& slot);

using exporter::days_left;
using exporter::ends_soon;
using exporter::expiry_severity;

// exporter::expiry_severity() of what the server sends; none where no certificate is known.
[[nodiscard]] ExpirySeverity expiry_severity(const WatchSlot& slot, WallTime now);
[[nodiscard]] bool ends_soon(const WatchSlot& slot, WallTime now);

}  // namespace exporter::api
