// What is odd about single certificates, beyond OpenSSL's verdict. One rule is one function and one row of a table;
// the requirement it comes from stands in the findings table and at the function. Pure; any thread.
#pragma once

#include <vector>

#include "probes/chain/judge.h"
#include "probes/observations/certificate.h"
#include "probes/observations/finding.h"

namespace probes::chain {

// One certificate and its part in the chain.
struct Examined {
  X509* certificate;  // borrowed
  const observations::Certificate& facts;
  enum class Role : std::uint8_t { leaf, authority, anchor } role;
  const JudgeOptions& options;
};

// Every finding of `examined`, each with this position in the chain.
[[nodiscard]] std::vector<observations::Problem> certificate_problems(const Examined& examined, int position);

}  // namespace probes::chain
