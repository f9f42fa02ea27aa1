// Scans one source of certificates at rest on a thread of its own, so that a hanging file system holds up neither probes nor
// other sources: at once, then at its interval and soon after something changed.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "exporter/estate/estate.h"
#include "exporter/materials/folder_watch.h"

namespace exporter {

// What a scan found, and where a change would be noticed.
struct Scanned {
  SourceSlot slot;
  std::set<std::string> folders;
  std::vector<probes::observations::Trouble> troubles = {};  // for the log: the slot has their number
};

class SourceWatch {
 public:
  using Scan = std::function<Scanned()>;
  using Publish = std::function<void(SourceSlot)>;

  // Both are called on the watch's thread, one after the other.
  SourceWatch(std::chrono::milliseconds interval, Scan scan, Publish publish);
  ~SourceWatch();  // stop()
  SourceWatch(const SourceWatch&) = delete;
  SourceWatch& operator=(const SourceWatch&) = delete;

  [[nodiscard]] bool scanned() const { return scanned_; }  // and published, at least once; any thread
  void wake();                                             // scan soon; any thread
  void request_stop();                                     // nothing is published any more, once the scan under way has ended
  void stop();                                             // and that has happened

 private:
  void run(const std::stop_token& stopping);
  void rest(const std::stop_token& stopping, std::chrono::steady_clock::duration scan_took);

  const std::chrono::milliseconds interval_;
  const Scan scan_;
  const Publish publish_;
  FolderWatch changes_;
  std::atomic<bool> scanned_ = false;
  std::jthread thread_;
};

}  // namespace exporter
