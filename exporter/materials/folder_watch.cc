#include "exporter/materials/folder_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace exporter {

namespace {

// Written, replaced, appeared, gone, or with other permissions; not read.
constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB |
                                  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;

// Takes what is there to read; true if there was anything.
bool emptied(int descriptor) {
  std::array<char, 16384> bytes{};
  bool any = false;
  while (descriptor >= 0 && read(descriptor, bytes.data(), bytes.size()) > 0) any = true;
  return any;
}

}  // namespace

FolderWatch::FolderWatch() : wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

FolderWatch::~FolderWatch() {
  if (notify_ >= 0) close(notify_);
  if (wake_ >= 0) close(wake_);
}

// A fresh instance rather than watches taken away one by one: two names of one folder share a watch.
bool FolderWatch::watch(const std::set<std::string>& folders) {
  if (folders == folders_) return false;
  folders_ = folders;
  if (notify_ >= 0) close(notify_);
  notify_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  std::size_t watched = 0;
  for (const std::string& folder : folders_) {
    if (notify_ < 0 || ++watched > watched_folders_limit) break;
    inotify_add_watch(notify_, folder.c_str(), changes);
  }
  return true;
}

bool FolderWatch::drain() {
  const bool woken = emptied(wake_);
  return emptied(notify_) || woken;
}

bool FolderWatch::wait(std::chrono::milliseconds timeout) {
  std::array<pollfd, 2> waited{{{.fd = wake_, .events = POLLIN, .revents = 0}, {.fd = notify_, .events = POLLIN, .revents = 0}}};
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24);  // poll() counts in an int
  poll(waited.data(), waited.size(), static_cast<int>(std::clamp(timeout, std::chrono::milliseconds(0), longest).count()));
  return drain();
}

void FolderWatch::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

}  // namespace exporter
