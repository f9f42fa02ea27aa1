// The page that `mtls_exporter probe` prints for a person, and the line that stands for it where the whole configuration is
// probed. Everything from certificates and servers is made safe for a terminal. Pure; any thread.
#pragma once

#include <string>

#include "exporter/explain/account.h"

namespace exporter::explain {

// Lines of about 110 columns, each ended with a line feed; ANSI colours where `colours`.
[[nodiscard]] std::string page(const Account& account, bool colours);

}  // namespace exporter::explain
