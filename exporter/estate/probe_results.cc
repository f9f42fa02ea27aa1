#include "exporter/estate/probe_results.h"

namespace exporter {

using probes::observations::all_reasons;
using probes::observations::StageReason;

void ProbeResults::count(const probes::observations::Failure* failure) {
  if (failure == nullptr) {
    ++without_failure_;
    return;
  }
  const auto pairs = all_reasons();
  std::size_t index = 0;
  while (index + 1 < pairs.size() && pairs[index] != StageReason{failure->stage, failure->reason}) ++index;
  ++by_pair_[index];  // the last pair is internal: a pair that is not in the list is our mistake
}

metrics::Rows ProbeResults::rows() const {
  const auto pairs = all_reasons();
  metrics::Rows rows;
  rows.results.push_back({"none", "none", without_failure_});
  for (std::size_t index = 0; index < pairs.size(); ++index)
    rows.results.push_back({word(pairs[index].stage), word(pairs[index].reason), by_pair_[index]});
  return rows;
}

}  // namespace exporter
