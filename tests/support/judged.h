// Short ways of judging chains in tests.
#pragma once

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <string>
#include <vector>

#include "probes/chain/judge.h"
#include "tests/support/test_ca.h"

namespace tests::support {

using Chain = std::vector<X509*>;

inline Chain chain_of(std::initializer_list<const Issued*> issued) {
  Chain chain;
  for (const Issued* one : issued) chain.push_back(one->certificate.get());
  return chain;
}

inline std::chrono::sys_seconds now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

// A store called "internal" that trusts these.
inline probes::chain::TrustStorePtr trusting(std::initializer_list<const Issued*> anchors) {
  return probes::chain::TrustStore::of("internal", chain_of(anchors));
}

inline std::vector<std::string> words(const std::vector<probes::observations::Problem>& problems) {
  std::vector<std::string> words;
  for (const auto& problem : problems) words.emplace_back(probes::observations::word(problem.finding));
  return words;
}

// The problem called `finding`, null if there is none.
inline const probes::observations::Problem* found(const probes::observations::ChainJudgementPtr& judgement,
                                                  probes::observations::Finding finding) {
  const auto& problems = judgement->problems;
  const auto at = std::find_if(problems.begin(), problems.end(), [&](const auto& problem) { return problem.finding == finding; });
  return at == problems.end() ? nullptr : &*at;
}

}  // namespace tests::support
