// Asks the DNS for the records of one name through c-ares, and reads the answer. Messages come from the network: what c-ares
// cannot read is a failure of its own. Here alone the two generations of c-ares differ: 1.18 hands out messages, 1.28 and later
// records.
#pragma once

#include <ares.h>

#include <functional>
#include <string>
#include <vector>

#include "probes/net/resolver.h"

namespace probes::net {

// What came of a question.
struct RecordsAnswer {
  int status = ARES_ENODATA;  // of c-ares; ARES_SUCCESS: there was a record of the type
  int timeouts = 0;           // servers' silences on the way
  // A service that says it is not to be had (RFC 2782: target ".") is left out.
  std::vector<Record> records;
};

// Asks for the records of exactly `name`. `take` is called once, on the channel's thread: perhaps before this returns, at the
// latest when the channel is destroyed.
void ask_records(ares_channel channel, const std::string& name, RecordType type, std::function<void(RecordsAnswer)> take);

}  // namespace probes::net
