// Runs the probes on lanes (an event loop on its own thread each), at most one per core; a watch stays on its lane unless the
// estate grows so much that it wants more of them. Probes are spread over
// their interval, bounded in flight in all and per host, and publish how late they began. A finished probe goes to the estate.
// Knocks (probes with identities that must be turned away) run at their own slower pace, one at a time per watch.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "config/settings.h"
#include "exporter/estate/estate.h"
#include "exporter/materials/materials.h"
#include "exporter/metrics/own.h"

namespace exporter {

struct ScheduleLimits {
  std::size_t lanes = 0;         // 0: as many as the probes want, at most one per core and `most_lanes`
  std::size_t most_lanes = 256;  // each holds a few descriptors
  std::size_t in_flight = 8000;  // probes at once in all
  std::size_t per_host = 256;    // probes at once to one host: a watcher must not be the outage
  bool by_descriptors = false;   // `in_flight` is what the limit of open files leaves
};

class Schedule {
 public:
  // Gives the identities and trust stores of the moment. Called on lane threads; never null.
  using MaterialsSource = std::function<std::shared_ptr<const Materials>()>;

  // `estate` and `own` outlive the schedule.
  Schedule(Estate& estate, metrics::OwnMetrics& own, MaterialsSource materials, const ScheduleLimits& limits = {});
  ~Schedule();  // stop()
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  // Watches exactly the targets of `settings` from now on. Watches that stay keep their place in the interval, and a probe under
  // way is finished with the settings it began with; except that an estate which has grown to want more lanes begins anew with
  // those that go to another lane. Any thread, one at a time; call after Estate::adopt().
  void adopt(const config::Settings& settings);

  // From the next adopt() on, at most so many probes at once.
  void limit(std::size_t in_flight, bool by_descriptors);

  // Whether every lane has turned since the last call: false when one hangs, and when the last call is only a moment ago. One
  // thread at a time, for the watchdog.
  [[nodiscard]] bool turns();

  // Drops what is under way and ends the threads; returns within a moment. No probe is recorded after it.
  void stop();

 private:
  class Lane;
  ScheduleLimits limits_;
  std::size_t used_;  // lanes that probe, from the first on; never fewer than before, so that watches keep their lane
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace exporter
