// Reads answers of the DNS through c-ares. Messages come from the network: what c-ares cannot read is an error of its own.
#pragma once

#include <vector>

#include "probes/net/resolver.h"

namespace probes::net {

// The number of the type in a question (RFC 1035 3.2.2, RFC 3596, RFC 2782).
[[nodiscard]] int record_number(RecordType type);

// Adds the records of `message` to `found`; a status of c-ares. A service that says it is not to be had (RFC 2782: target ".") is
// none.
[[nodiscard]] int read_records(RecordType type, const unsigned char* message, int size, std::vector<Record>& found);

}  // namespace probes::net
