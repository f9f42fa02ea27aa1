#include "probes/run_on.h"

#include <gtest/gtest.h>

#include <asio/thread_pool.hpp>
#include <stdexcept>
#include <thread>

#include "tests/support/scripted_stream.h"

namespace probes {
namespace {

using tests::support::run;

TEST(RunOn, WorksOnTheOtherThreadAndComesBack) {
  asio::thread_pool pool(1);
  const asio::any_io_executor other = pool.get_executor();
  const auto visit = [&]() -> asio::awaitable<std::thread::id> {
    const auto home = std::this_thread::get_id();
    const auto where = [] { return std::this_thread::get_id(); };
    const std::thread::id there = co_await run_on(other, where);
    EXPECT_EQ(std::this_thread::get_id(), home);
    co_return there;
  };
  EXPECT_NE(run(visit()), std::this_thread::get_id());
}

TEST(RunOn, BringsAnExceptionHome) {
  asio::thread_pool pool(1);
  const asio::any_io_executor other = pool.get_executor();
  const auto visit = [&]() -> asio::awaitable<bool> {
    const auto home = std::this_thread::get_id();
    const auto fail = []() -> int { throw std::runtime_error("no"); };
    try {
      (void)co_await run_on(other, fail);
    } catch (const std::runtime_error&) {
      co_return std::this_thread::get_id() == home;
    }
    co_return false;
  };
  EXPECT_TRUE(run(visit()));
}

}  // namespace
}  // namespace probes
