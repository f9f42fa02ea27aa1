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
#include <vector>

#include "config/callers_settings.h"
#include "config/settings.h"
#include "exporter/callers/certificates.h"
#include "exporter/estate/estate.h"
#include "exporter/materials/materials.h"
#include "exporter/storage/storage.h"

namespace exporter::callers {

class Door;

class Reader {
 public:
  using MaterialsSource = std::function<MaterialsPtr()>;  // on the reader's thread; null: none yet
  using Clock = std::function<WallTime()>;

  // `estate` and `storage` outlive it. `clock`: the time of calls that tell of none, and of judgements. `storage`: where records
  // and how far logs were read outlive a restart; null: nowhere.
  Reader(Estate& estate, MaterialsSource materials, Clock clock, storage::Storage* storage = nullptr);
  ~Reader();  // stop()
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Reads exactly the doors of `settings` from now on; what is known of one that stays is kept, and it is read on where it was.
  // After Estate::adopt(). Any thread.
  void adopt(const config::Settings& settings);

  // Every door was looked at and published once; true without doors. Any thread.
  [[nodiscard]] bool read_once() const { return pending_ == 0; }

  // Removes the records of this fingerprint, soon, and from the storage as soon. Any thread.
  void forget(const std::string& fingerprint);

  // Nothing is published, or handed to the storage, once this has returned.
  void stop();

 private:
  using Wanted = std::map<std::string, config::Callers>;

  void run(const std::stop_token& stopping);
  void change_doors();
  bool storage_awaited();
  void forget_some();
  void save();
  bool turn();
  void wait(bool more) const;
  void wake() const;

  Estate& estate_;
  const MaterialsSource materials_;
  const Clock clock_;
  storage::Storage* const storage_;
  const int wake_;  // an eventfd
  std::mutex mutex_;
  std::optional<Wanted> wanted_;        // guarded: to be gone over to
  std::vector<std::string> forgotten_;  // guarded: to be
  std::atomic<std::size_t> pending_ = 0;
  SeenCertificates certificates_;  // this and what follows: the thread's
  std::map<std::string, std::unique_ptr<Door>> doors_;
  std::chrono::steady_clock::time_point begun_{};
  std::uint64_t opened_ = 0;  // the storage that knows what was saved
  std::uint64_t asked_ = 0;   // when that was
  std::jthread thread_;
};

}  // namespace exporter::callers
