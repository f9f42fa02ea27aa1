// A judgement and the span of time for which it would be the same, because no certificate it looked at starts or ends in it.
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "probes/chain/judge.h"
#include "probes/revocation/remote.h"

namespace probes::chain {

struct DatedJudgement {
  observations::ChainJudgementPtr judgement;
  std::chrono::sys_seconds from = std::chrono::sys_seconds::min();   // inclusive
  std::chrono::sys_seconds until = std::chrono::sys_seconds::max();  // exclusive
  std::vector<revocation::Ticket> tickets = {};                      // and as long as these hold
};

// As judge(), with its span.
[[nodiscard]] DatedJudgement dated_judgement(std::span<X509* const> received, const TrustStore& trust,
                                             const JudgeOptions& options);

}  // namespace probes::chain
