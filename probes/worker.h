// A thread for what takes long and cannot be interrupted: dear verifications, long handshakes. It yields to the threads of lanes.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/thread_pool.hpp>

namespace probes {

// Owns the thread, which ends with the object: what had not begun by then is dropped. Any thread may give it work.
class Worker {
 public:
  Worker();

  asio::any_io_executor executor() { return thread_.get_executor(); }

 private:
  asio::thread_pool thread_{1};
};

}  // namespace probes
