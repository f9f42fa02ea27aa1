// Makes the probes of a command: on an event loop of its own, a few at a time. Blocks until all have ended.
#pragma once

#include <vector>

#include "exporter/explain/account.h"
#include "exporter/explain/inquiry.h"

namespace exporter::explain {

// One account per inquiry, in their order.
[[nodiscard]] std::vector<Account> ask(const std::vector<Inquiry>& inquiries);

}  // namespace exporter::explain
