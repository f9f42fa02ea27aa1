// What is asked over HTTP of revocation, as sources in the estate: each distribution point and each responder, since the first
// attempt at it and until nobody wants it. Any thread.
#pragma once

#include <mutex>
#include <set>

#include "exporter/estate/estate.h"
#include "probes/revocation/places.h"

namespace exporter {

// What is published of the place that `report` is about.
[[nodiscard]] SourceSlot remote_slot(const probes::revocation::PlaceReport& report);

class RemoteSources {
 public:
  // `estate` outlives it.
  explicit RemoteSources(Estate& estate) : estate_(estate) {}

  // And tells the log when trouble begins and when it ends.
  void publish(const probes::revocation::PlaceReport& report);

 private:
  Estate& estate_;
  std::mutex mutex_;
  std::set<SourceKey> troubles_;  // those that cannot be had
};

}  // namespace exporter
