// What the tests of identities ask of one.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "probes/tls/identity.h"

namespace probes::tls {

inline std::chrono::sys_seconds now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

inline std::vector<observations::Finding> findings(const Identity& identity) {
  std::vector<observations::Finding> found;
  for (const observations::Problem& problem : identity.problems()) found.push_back(problem.finding);
  return found;
}

inline std::string details(const Identity& identity) {
  std::string text;
  for (const observations::Problem& problem : identity.problems()) text += problem.detail + "\n";
  return text;
}

}  // namespace probes::tls
