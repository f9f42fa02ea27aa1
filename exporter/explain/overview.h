// What `mtls_exporter probe --all` prints of the whole configuration: a line for each target and identity, and a summary.
// Everything from elsewhere is made safe for a terminal. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "exporter/explain/account.h"

namespace exporter::explain {

// "good     payments-api as service-a: accepted, chain expires in 60.0 days (2026-12-31)", with a line feed.
[[nodiscard]] std::string line(const Account& account, bool colours);

// "3 probed, 2 good, 1 with a finding, judged as of 2026-12-31", with a line feed. REQUIRES: `accounts` is not empty.
[[nodiscard]] std::string summary(const std::vector<Account>& accounts);

}  // namespace exporter::explain
