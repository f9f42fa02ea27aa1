// Whether an event loop still turns. Whoever asks leaves a small task with the loop and looks at the next asking whether it was
// run; nothing is left behind a task that was not, so a loop that hangs is asked only once. One thread asks; the loop answers on
// its own. The heartbeat outlives the loop's tasks.
#pragma once

#include <atomic>
#include <utility>

namespace exporter {

class Heartbeat {
 public:
  // True when the loop has run what the last call left with it (the first call: always). `post` leaves a task with the loop.
  template <typename Post>
  [[nodiscard]] bool beats(Post&& post) {
    if (!answered_.exchange(false)) return false;
    std::forward<Post>(post)([this] { answered_ = true; });
    return true;
  }

 private:
  std::atomic<bool> answered_ = true;
};

}  // namespace exporter
