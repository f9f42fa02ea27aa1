#include "exporter/schedule/schedule.h"

#include <sys/resource.h>

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

#include "exporter/schedule/lane.h"

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

double probes_a_second(const config::Settings& settings) {
  double sum = 0;
  for (const auto& target : settings.targets)
    sum += static_cast<double>(watches_of(*target).size()) / std::chrono::duration<double>(target->module->interval).count();
  return sum;
}

}  // namespace

Schedule::Schedule(Estate& estate, metrics::OwnMetrics& own, MaterialsSource materials, const ScheduleLimits& limits)
    : in_flight_(allowed_in_flight(limits.in_flight)), per_host_(limits.per_host), used_(std::max<std::size_t>(1, limits.lanes)) {
  const std::size_t lanes = limits.lanes > 0 ? limits.lanes : std::max(1u, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < lanes; ++i) lanes_.push_back(std::make_unique<Lane>(estate, own, materials));
}

Schedule::~Schedule() { stop(); }

void Schedule::adopt(const config::Settings& settings) {
  used_ = std::clamp(lanes_for(probes_a_second(settings)), used_, lanes_.size());
  std::vector<std::vector<Planned>> planned(lanes_.size());
  std::size_t number = 0;
  for (const auto& target : settings.targets) {
    const std::size_t lane = std::hash<std::string>{}(target->name) % used_;
    for (WatchKey& key : watches_of(*target))
      planned[lane].push_back({.key = std::move(key), .target = target, .phase = phase_of(number++)});
  }
  const Lane::Limits limits{.in_flight = share(in_flight_, used_), .per_host = share(per_host_, used_)};
  for (std::size_t i = 0; i < lanes_.size(); ++i) lanes_[i]->adopt(std::move(planned[i]), number, limits);
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
