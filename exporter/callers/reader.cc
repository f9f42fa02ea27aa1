#include "exporter/callers/reader.h"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "exporter/callers/door.h"

namespace exporter::callers {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr auto between_looks = 200ms;  // at files: nothing tells when they grow
constexpr auto while_more = 1ms;       // for others to have their turn
constexpr auto for_the_storage = 10s;  // to be opened
constexpr int steps_back = 10;         // half the way to the least of all: probes and scrapes come first

void step_back() {
  const auto thread = static_cast<id_t>(::gettid());
  ::setpriority(PRIO_PROCESS, thread, ::getpriority(PRIO_PROCESS, thread) + steps_back);
}

}  // namespace

Reader::Reader(Estate& estate, MaterialsSource materials, Clock clock, storage::Storage* storage)
    : estate_(estate),
      materials_(std::move(materials)),
      clock_(std::move(clock)),
      storage_(storage),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Reader::~Reader() {
  stop();
  ::close(wake_);
}

void Reader::adopt(const config::Settings& settings) {
  const std::lock_guard lock(mutex_);
  if (settings.callers.empty() && !thread_.joinable()) return;
  wanted_ = settings.callers;
  pending_ = settings.callers.size();
  if (thread_.joinable()) wake();
  else thread_ = std::jthread([this](const std::stop_token& stopping) { run(stopping); });
}

void Reader::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
}

void Reader::stop() {
  std::jthread ending;
  {
    const std::lock_guard lock(mutex_);
    ending = std::move(thread_);
  }
  ending.request_stop();
  wake();
  if (ending.joinable()) ending.join();
}

void Reader::run(const std::stop_token& stopping) {
  step_back();
  begun_ = steady_clock::now();
  while (!stopping.stop_requested()) {
    bool more = false;
    if (!storage_awaited()) {
      change_doors();
      more = turn();
      forget_some();
      if (storage_ != nullptr && storage_->asked() != asked_) save();
    }
    if (!stopping.stop_requested()) wait(more);
  }
  if (storage_ != nullptr) save();
}

// Doors begin with what was stored, unless that takes too long.
bool Reader::storage_awaited() {
  return storage_ != nullptr && !storage_->settled() && steady_clock::now() - begun_ < for_the_storage;
}

void Reader::forget(const std::string& fingerprint) {
  const std::lock_guard lock(mutex_);
  forgotten_.push_back(fingerprint);
  wake();
}

void Reader::forget_some() {
  std::vector<std::string> forgotten;
  {
    const std::lock_guard lock(mutex_);
    forgotten.swap(forgotten_);
  }
  bool any = false;
  for (const std::string& fingerprint : forgotten)
    for (const auto& [name, door] : doors_) any = door->forget(fingerprint) || any;
  if (!any || storage_ == nullptr) return;
  save();
  storage_->write_soon();
}

// Records and how far the logs were read belong together: they go in one piece, between two looks at the logs.
void Reader::save() {
  asked_ = storage_->asked();
  const std::uint64_t opened = storage_->opened();
  if (opened == 0) return;
  const bool all = opened != std::exchange(opened_, opened);
  storage::Changes changes;
  for (const auto& [name, door] : doors_) {
    if (all) door->restore(storage_->take(name), clock_());
    door->save(changes, all);
  }
  storage_->put(std::move(changes), opened);
}

void Reader::change_doors() {
  std::optional<Wanted> wanted;
  {
    const std::lock_guard lock(mutex_);
    wanted.swap(wanted_);
  }
  if (!wanted) return;
  std::erase_if(doors_, [&](const auto& door) { return !wanted->contains(door.first); });
  for (auto& [name, settings] : *wanted) {
    auto& door = doors_[name];
    if (!door)
      door = std::make_unique<Door>(settings, storage_ != nullptr ? storage_->take(name) : storage::StoredDoor(), clock_());
    else if (door->settings() != settings) door->adopt(settings);
  }
}

bool Reader::turn() {
  bool more = false;
  std::size_t unpublished = 0;
  for (auto& [name, door] : doors_) {
    const auto tick = steady_clock::now();
    more = door->read(certificates_, tick, clock_()) || more;
    if (!door->due(tick)) continue;
    const MaterialsPtr materials = materials_();
    if (!materials) continue;
    const auto begin = steady_clock::now();
    estate_.set_source(door->publish(against(door->settings(), materials, estate_), tick, clock_()));
    const auto end = steady_clock::now();
    door->published(end, end - begin);
  }
  for (const auto& [name, door] : doors_) unpublished += door->published_once() ? 0 : 1;
  const std::lock_guard lock(mutex_);
  if (!wanted_) pending_ = unpublished;
  return more;
}

void Reader::wait(bool more) const {
  std::vector<pollfd> descriptors = {{.fd = wake_, .events = POLLIN, .revents = 0}};
  for (const auto& [name, door] : doors_) door->wait_for(descriptors);
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(more ? while_more : between_looks);
  ::poll(descriptors.data(), descriptors.size(), static_cast<int>(limit.count()));
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t read = ::read(wake_, &count, sizeof count);
}

}  // namespace exporter::callers
