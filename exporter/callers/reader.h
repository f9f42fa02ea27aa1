// Reads the logs of all doors on one thread, apart from probes and web, keeps a book of callers for each, and publishes it in the
// estate. A flood of lines costs that thread, and at most its doors' lines a second.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "config/callers_settings.h"
#include "config/settings.h"
#include "exporter/callers/certificates.h"
#include "exporter/estate/estate.h"
#include "exporter/materials/materials.h"

namespace exporter::callers {

class Door;

class Reader {
 public:
  using MaterialsSource = std::function<MaterialsPtr()>;  // on the reader's thread; null: none yet
  using Clock = std::function<WallTime()>;

  // `estate` outlives it. `clock`: the time of calls that tell of none, and of judgements.
  Reader(Estate& estate, MaterialsSource materials, Clock clock);
  ~Reader();  // stop()
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Reads exactly the doors of `settings` from now on; what is known of one that stays is kept, and it is read on where it was.
  // After Estate::adopt(). Any thread.
  void adopt(const config::Settings& settings);

  // Every door was looked at and published once; true without doors. Any thread.
  [[nodiscard]] bool read_once() const { return pending_ == 0; }

  // Nothing is published once this has returned.
  void stop();

 private:
  using Wanted = std::map<std::string, config::Callers>;

  void run(const std::stop_token& stopping);
  void change_doors();
  bool turn();
  void wait(bool more) const;
  void wake() const;

  Estate& estate_;
  const MaterialsSource materials_;
  const Clock clock_;
  const int wake_;  // an eventfd
  std::mutex mutex_;
  std::optional<Wanted> wanted_;  // guarded: to be gone over to
  std::atomic<std::size_t> pending_ = 0;
  SeenCertificates certificates_;  // this and what follows: the thread's
  std::map<std::string, std::unique_ptr<Door>> doors_;
  std::jthread thread_;
};

}  // namespace exporter::callers
