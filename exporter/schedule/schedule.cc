#include "exporter/schedule/schedule.h"

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

#include "exporter/schedule/lane.h"

namespace exporter {

namespace {

std::size_t share(std::size_t whole, std::size_t lanes) { return std::max<std::size_t>(1, whole / lanes); }

double probes_a_second(const config::Settings& settings) {
  double sum = 0;
  for (const auto& target : settings.targets)
    sum += static_cast<double>(watches_of(*target).size()) / std::chrono::duration<double>(target->module->interval).count();
  return sum;
}

}  // namespace

Schedule::Schedule(Estate& estate, metrics::OwnMetrics& own, MaterialsSource materials, const ScheduleLimits& limits)
    : limits_(limits), used_(std::max<std::size_t>(1, limits.lanes)) {
  const std::size_t cores = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, limits.most_lanes);
  const std::size_t lanes = limits.lanes > 0 ? limits.lanes : cores;
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
  const Lane::Limits limits{.in_flight = share(limits_.in_flight, used_),
                            .per_host = share(limits_.per_host, used_),
                            .by_descriptors = limits_.by_descriptors};
  for (std::size_t i = 0; i < lanes_.size(); ++i) lanes_[i]->adopt(std::move(planned[i]), number, limits);
}

void Schedule::limit(std::size_t in_flight, bool by_descriptors) {
  limits_.in_flight = in_flight;
  limits_.by_descriptors = by_descriptors;
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
