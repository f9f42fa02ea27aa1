// Wakes a thread when something changes in folders it looks at: inotify where it works, else only the time and wake(). Network
// file systems and exhausted inotify limits are met by looking again at intervals; nothing here is needed for being right, only
// for being soon. Owned by one thread, which alone waits; wake() may be called from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <set>
#include <string>

namespace exporter {

// Folders watched at most: a user has 8192 watches on small machines, for all programs together.
inline constexpr std::size_t watched_folders_limit = 1024;

class FolderWatch {
 public:
  FolderWatch();
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Watches exactly `folders` from now on; of those that are not there nothing is noticed. False if they were watched before.
  bool watch(const std::set<std::string>& folders);

  // Waits until something changed in a watched folder or wake() was called: true; or until `timeout` has passed: false. What
  // happened since the last call counts.
  bool wait(std::chrono::milliseconds timeout);

  void wake();

 private:
  bool drain();

  int wake_ = -1;    // an eventfd
  int notify_ = -1;  // -1: no inotify to be had
  std::set<std::string> folders_;
};

}  // namespace exporter
