// No two sources publish a certificate under the same labels: one sample twice, and Prometheus rejects the whole scrape. Two sets
// may name the same file, and cleaning may make two hostile names one. Whoever publishes a label set first keeps it until it no
// longer does. Any thread.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

#include "exporter/estate/estate.h"
#include "exporter/metrics/rows.h"

namespace exporter {

class Claims {
 public:
  // Takes out of `slot` the certificates whose labels another source has, or that the slot has twice, and counts them as dropped.
  // What the source had before and has no more is free from now on.
  void settle(SourceSlot& slot, const metrics::Scope& scope);

  // The source is gone.
  void release(const SourceKey& key);

 private:
  std::mutex mutex_;
  std::map<SourceKey, std::vector<std::size_t>> held_;  // digests of label sets, ascending
};

}  // namespace exporter
