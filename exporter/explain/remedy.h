// What to do about what a probe met: one remedy for every reason and every verdict, each naming the identity, CA, target or
// setting concerned. Pure functions; any thread. Text from elsewhere is safe for a terminal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporter/explain/account.h"

namespace exporter::explain {

// For the failure where there is one, else for the verdict. Sentences with their full stop.
[[nodiscard]] std::string remedy(const probes::observations::Handshake& seen, const Asked& asked);

// Its two halves for failures: what stands in the way of a handshake or an answer, and what the server has against our
// certificate.
[[nodiscard]] std::string connection_remedy(const probes::observations::Failure& failure,
                                            const probes::observations::Handshake& seen, const Asked& asked);
[[nodiscard]] std::string client_remedy(const probes::observations::Failure& failure, const probes::observations::Handshake& seen,
                                        const Asked& asked);

// For an identity that does not hold as of the time judged at; absent: nothing is wrong with it.
[[nodiscard]] std::optional<std::string> identity_remedy(const Asked& asked);

// For a served chain that does not hold, or is for another name; absent: nothing is wrong with it.
[[nodiscard]] std::optional<std::string> chain_remedy(const probes::observations::Handshake& seen, const Asked& asked);

// All there is to do about an account, the most pressing first: never empty, and no "nothing to do" beside other advice.
[[nodiscard]] std::vector<std::string> remedies(const Account& account);

}  // namespace exporter::explain
