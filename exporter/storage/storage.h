// What outlives a restart: one file, written by one thread, and waited for by nobody. Sources hand over what changed when they
// are asked to, about once in ten seconds, and at their end; it is written in one transaction. A file that cannot be used stops
// nothing: what would be in it waits in memory, and the file is tried again. One that is broken or of a later version is set
// aside under another name, and begun anew.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "exporter/storage/pending.h"
#include "exporter/storage/rows.h"

namespace exporter::storage {

class Database;

struct Pace {
  std::chrono::milliseconds every = std::chrono::seconds(10);  // between two transactions; the first comes sooner
  std::chrono::milliseconds gather = std::chrono::seconds(1);  // for sources to hand over, once they are asked
};

struct Figures {
  bool up = false;
  std::uint64_t bytes = 0;
  std::vector<std::pair<std::string, std::uint64_t>> rows;  // by table
  std::optional<WallTime> written;
};

class Storage {
 public:
  using Clock = std::function<WallTime()>;

  // Rows that were not seen for `keep` are removed when the file is opened.
  Storage(std::string path, std::chrono::milliseconds keep, Clock clock, Pace pace = {});
  ~Storage();  // stop()
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  // Which file is in use: 0 until the first was opened, and another number whenever one was begun anew. With a new number
  // everything is to be handed over again, laid over what take() gives. Any thread; so are the others.
  [[nodiscard]] std::uint64_t opened() const { return opened_; }
  // The first attempt to open it has come to an end, good or bad.
  [[nodiscard]] bool settled() const { return settled_; }
  // Grows whenever sources are to hand over what changed.
  [[nodiscard]] std::uint64_t asked() const { return asked_; }

  // What was stored of a door, once for each opening.
  [[nodiscard]] StoredDoor take(const std::string& door);

  // ... of all places.
  [[nodiscard]] StoredPlaces take_places();

  // ... of a list; null: nothing. Waits, for some seconds, until the file was opened or cannot be.
  [[nodiscard]] std::shared_ptr<const std::string> take_list(const std::string& url);

  // A list needs no asking, and none that was opened: it is handed over when it comes, and not again.
  void put(ListRow list);

  // `opened`: the file that `changes` were made for; what was made for another is not taken.
  void put(Changes changes, std::uint64_t opened);
  // Writes what was handed over without waiting for the next turn.
  void write_soon();

  [[nodiscard]] Figures figures() const;

  // Writes what was handed over, and closes the file.
  void stop();

 private:
  void run(const std::stop_token& stopping);
  void wait(std::chrono::milliseconds time, const std::stop_token& stopping);
  bool open();
  bool set_aside(const char* why, const std::string& detail);
  void load();
  void write();
  void fail(const std::string& why);
  void work();
  void measure();
  [[nodiscard]] bool moved() const;

  const std::string path_;
  const std::chrono::milliseconds keep_;
  const Clock clock_;
  const Pace pace_;
  std::atomic<std::uint64_t> opened_ = 0;
  std::atomic<bool> settled_ = false;
  std::atomic<std::uint64_t> asked_ = 0;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  bool soon_ = false;
  Pending pending_;
  std::map<std::string, ListRow> lists_;  // by URL; handed over and not written
  Stored stored_;
  Figures figures_;
  std::unique_ptr<Database> database_;  // from here on: the thread's
  std::uint64_t inode_ = 0;             // of the file that is open
  Pending batch_;
  std::chrono::steady_clock::time_point pruned_{};
  std::string told_;
  std::jthread thread_;
};

}  // namespace exporter::storage
