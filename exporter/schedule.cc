#include "exporter/schedule.h"

#include <sys/resource.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "exporter/lane.h"

namespace exporter {

namespace {

// Descriptors that are not probes: listeners, scrapes, log, name servers.
constexpr std::size_t reserved_descriptors = 256;

std::size_t allowed_in_flight(std::size_t wanted) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return wanted;
  const auto available = static_cast<std::size_t>(files.rlim_cur);
  return std::clamp<std::size_t>(available > reserved_descriptors ? available - reserved_descriptors : 16, 16, wanted);
}

std::size_t share(std::size_t whole, std::size_t lanes) { return std::max<std::size_t>(1, (whole + lanes - 1) / lanes); }

}  // namespace

Schedule::Schedule(Estate& estate, metrics::OwnMetrics& own, MaterialsSource materials, const ScheduleLimits& limits) {
  const std::size_t lanes = limits.lanes > 0 ? limits.lanes : std::max(1u, std::thread::hardware_concurrency());
  const std::size_t in_flight = share(allowed_in_flight(limits.in_flight), lanes);
  for (std::size_t i = 0; i < lanes; ++i)
    lanes_.push_back(std::make_unique<Lane>(estate, own, materials, in_flight, share(limits.per_host, lanes)));
}

Schedule::~Schedule() { stop(); }

void Schedule::adopt(const config::Settings& settings) {
  std::vector<std::vector<Planned>> planned(lanes_.size());
  std::size_t number = 0;
  for (const auto& target : settings.targets) {
    std::vector<std::string> identities = target->module->identities;
    if (identities.empty()) identities.emplace_back();
    const std::size_t lane = std::hash<std::string>{}(target->name) % lanes_.size();
    for (const std::string& identity : identities)
      planned[lane].push_back({.key = {target->name, identity}, .target = target, .phase = phase_of(number++)});
  }
  for (std::size_t i = 0; i < lanes_.size(); ++i) lanes_[i]->adopt(std::move(planned[i]), number);
}

bool Schedule::turns() {
  bool all = true;
  for (auto& lane : lanes_) all = lane->turns() && all;
  return all;
}

void Schedule::stop() {
  for (auto& lane : lanes_) lane->stop();
}

}  // namespace exporter
