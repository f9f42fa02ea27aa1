// While one of these lives, the process gets no new file descriptor numbered `first_refused` or above; those it has stay.
#pragma once

#include <sys/resource.h>

namespace tests::support {

class NoDescriptors {
 public:
  explicit NoDescriptors(rlim_t first_refused = 0) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{.rlim_cur = first_refused, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace tests::support
