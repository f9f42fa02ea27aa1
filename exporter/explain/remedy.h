// What to do about what a probe met: the advice of the table (causes.h) put together, each naming the identity, CA, target or
// setting concerned. Pure functions; any thread. Text from elsewhere is safe for a terminal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporter/explain/account.h"
#include "exporter/explain/causes.h"

namespace exporter::explain {

// For the failure where there is one, else for the verdict. Sentences with their full stop.
[[nodiscard]] std::string remedy(const probes::observations::Handshake& seen, const Asked& asked);

// For an identity that does not hold as of the time judged at; absent: nothing is wrong with it.
[[nodiscard]] std::optional<std::string> identity_remedy(const Asked& asked);

// For a served chain that does not hold, or is for another name; absent: nothing is wrong with it.
[[nodiscard]] std::optional<std::string> chain_remedy(const probes::observations::Handshake& seen, const Asked& asked);

// All there is to do about an account, the most pressing first: never empty, and no "nothing to do" beside other advice.
[[nodiscard]] std::vector<Advice> all_advice(const Account& account);
[[nodiscard]] std::vector<std::string> remedies(const Account& account);

}  // namespace exporter::explain
