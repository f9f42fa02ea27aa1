#include "probes/worker.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "probes/run_on.h"
#include "tests/support/scripted_stream.h"

namespace probes {
namespace {

using tests::support::run;

int niceness_of_this_thread() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); }

TEST(Worker, YieldsToTheThreadsThatProbe) {
  Worker worker;
  const int here = niceness_of_this_thread();
  const int there = run(run_on(worker.executor(), niceness_of_this_thread));
  EXPECT_EQ(there, std::min(here + 10, 19));
  EXPECT_EQ(niceness_of_this_thread(), here) << "and to no other";
}

}  // namespace
}  // namespace probes
