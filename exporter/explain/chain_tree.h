// A served chain as a tree for people, from the leaf to where it ends, with the days each certificate has left, and what was sent
// beside it. Pure; any thread.
#pragma once

#include <chrono>
#include <string>

#include "exporter/explain/paint.h"
#include "probes/observations/handshake.h"

namespace exporter::explain {

// Lines indented by two blanks. REQUIRES: seen.certificates is not empty. Ends are counted from `now`.
[[nodiscard]] std::string chain_tree(const probes::observations::Handshake& seen, probes::observations::WallTime now,
                                     const Paint& paint);

}  // namespace exporter::explain
