// Notices that a file changed which somebody else writes and a library of ours reads: /etc/resolv.conf, which a laptop changes
// with its network, and a container with its neighbours. One stat(2) a second at most, when asked: nothing to watch, and a link,
// a bind mount and a file that is replaced are all followed. One thread.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <string>

namespace probes::net {

class ResolvConf {
 public:
  using Clock = std::chrono::steady_clock;

  // Takes the file as it is now for the one that was read.
  explicit ResolvConf(std::string path);

  // True once for every change, at most a second after it. A file that has gone is no change: what was read from it goes on to be
  // right until there is another; and one that was written this very moment may be half written: it counts a second later.
  [[nodiscard]] bool changed(Clock::time_point now);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  const std::string path_;
  struct stat read_ {};  // all zero: there was no file
  Clock::time_point next_look_;
};

}  // namespace probes::net
