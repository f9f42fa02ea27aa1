// What a list of authorities says, and the span of time for which it would say the same, because no certificate of a listed
// authority ends in it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "probes/client_auth/acceptable_authorities.h"

namespace probes::client_auth {

struct DatedAuthorities {
  observations::AcceptableAuthoritiesPtr list;
  std::chrono::sys_seconds from = std::chrono::sys_seconds::min();   // inclusive
  std::chrono::sys_seconds until = std::chrono::sys_seconds::max();  // exclusive
};

// The DER of a name; empty when there is no memory.
[[nodiscard]] std::string encoded_name(const X509_NAME* name);

// As acceptable_authorities(), read anew, with its span. `encoded`: encoded_name() of each of `names`.
[[nodiscard]] DatedAuthorities dated_authorities(const AuthorityNames* names, const std::vector<std::string>& encoded,
                                                 const KnownAuthorities& known, std::chrono::sys_seconds now);

}  // namespace probes::client_auth
