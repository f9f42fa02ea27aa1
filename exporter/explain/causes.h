// The table of advice: what is the matter, how the exporter can prove it, and what to do about it. One table for the page, the
// API, the `probe` command and /probe?debug; the runbooks say its words. Of the rows about one matter the first that holds
// speaks, so they stand in the order of proof: what is known for certain first, what is only likely behind it, and last what
// names every possibility. To add a row: the facts it needs, one row in the file of its matter (*_causes.cc), its words in a
// runbook, and a server in that trouble (tests/explain). Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/explain/account.h"

namespace exporter::explain {

// What a row may look at. Borrows.
struct Facts {
  const probes::observations::Handshake& seen;
  const Asked& asked;
  const probes::observations::Failure* failure = nullptr;  // what the probe failed on
  const probes::observations::Problem* problem = nullptr;  // the worst finding about the chain
  const Door* door = nullptr;                              // as the knocks found it
};

struct Cause {
  std::string_view name;   // tells rows apart in the JSON report and in tests
  std::string_view words;  // what is the matter, in a sentence; empty: the reason's or finding's own meaning says it
  bool (*holds)(const Facts&);
  std::string (*remedy)(const Facts&);  // what to do, in sentences with their full stop
};

// What the first row that holds says: its words and its remedy.
struct Advice {
  std::string_view cause;
  std::string text;
};
[[nodiscard]] std::optional<Advice> advice(std::span<const Cause> table, const Facts& facts);

// The parts of the table. REQUIRES of each row: what its matter is about is there (a failure of that stage; a chain that was
// judged).
[[nodiscard]] std::span<const Cause> chain_causes();       // the chain is not valid
[[nodiscard]] std::span<const Cause> name_causes();        // the certificate is not for the name
[[nodiscard]] std::span<const Cause> client_causes();      // the server refuses our certificate
[[nodiscard]] std::span<const Cause> door_causes();        // the server lets in whom it must turn away
[[nodiscard]] std::span<const Cause> connection_causes();  // no connection, no handshake, no answer
[[nodiscard]] std::span<const Cause> proxy_causes();       // the proxy refuses, or cannot
[[nodiscard]] std::span<const Cause> verdict_causes();     // nothing failed: what the verdict calls for

}  // namespace exporter::explain
