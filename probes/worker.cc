#include "probes/worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <asio/post.hpp>

namespace probes {
namespace {

// Half the way to the least of all: where cores are few the lanes' turns come first, and the work is still done.
constexpr int steps_back = 10;

// Linux gives each thread a niceness of its own; more of it needs no privilege. Where a sandbox forbids it, as our systemd unit
// does, the thread stays an equal.
void step_back() {
  const auto thread = static_cast<id_t>(::gettid());
  ::setpriority(PRIO_PROCESS, thread, ::getpriority(PRIO_PROCESS, thread) + steps_back);
}

}  // namespace

Worker::Worker() { asio::post(thread_, step_back); }

}  // namespace probes
