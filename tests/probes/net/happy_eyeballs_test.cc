// A name with several addresses: RFC 8305 5.
#include <gtest/gtest.h>

#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>

#include "probes/net/socket.h"
#include "tests/support/probing.h"
#include "tests/support/scripted_stream.h"

namespace probes::net {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;
using tests::support::closed_port;
using tests::support::FullListener;
using tests::support::run;
using Clock = std::chrono::steady_clock;

struct Met {
  Socket::Connected connected;
  Clock::duration took{};
  std::uint16_t remote = 0;
};

asio::awaitable<Met> meet(std::vector<tcp::endpoint> endpoints, std::chrono::milliseconds time, bool expired = false) {
  const auto executor = co_await asio::this_coro::executor;
  const auto began = Clock::now();
  Socket socket(executor, began + time);
  if (expired) asio::post(executor, socket.expire_now());
  Met met;
  met.connected = co_await socket.connect_first(endpoints);
  met.took = Clock::now() - began;
  if (!met.connected.error) met.remote = socket.remote().port();
  co_return met;
}

class HappyEyeballs : public testing::Test {
 protected:
  static tcp::endpoint at(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }
  tcp::endpoint good() const { return acceptor_.local_endpoint(); }

  asio::io_context loop_;
  tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
  FullListener dead_;
};

TEST_F(HappyEyeballs, DoNotWaitForADeadAddress) {
  const Met met = run(meet({at(dead_.port()), good()}, 5s));
  EXPECT_FALSE(met.connected.error);
  EXPECT_EQ(met.connected.which, 1u);
  EXPECT_EQ(met.remote, good().port());
  EXPECT_GE(met.took, 250ms);  // its head start
  EXPECT_LT(met.took, 1s);
}

TEST_F(HappyEyeballs, GoOnAtOnceWhereAnAddressRefuses) {
  const Met met = run(meet({at(closed_port()), at(closed_port()), good()}, 5s));
  EXPECT_EQ(met.connected.which, 2u);
  EXPECT_LT(met.took, 200ms);
}

TEST_F(HappyEyeballs, TakeTheFirstWhereItAnswers) {
  const Met met = run(meet({good(), at(dead_.port())}, 5s));
  EXPECT_EQ(met.connected.which, 0u);
  EXPECT_LT(met.took, 200ms);
}

TEST_F(HappyEyeballs, EndAtTheDeadline) {
  const Met met = run(meet({at(dead_.port()), at(dead_.port())}, 400ms));
  EXPECT_EQ(met.connected.error, asio::error::timed_out);
  EXPECT_LT(met.took, 600ms);
}

TEST_F(HappyEyeballs, SayWhyTheLastOneFailed) {
  const Met met = run(meet({at(closed_port()), at(closed_port())}, 5s));
  EXPECT_EQ(met.connected.error, asio::error::connection_refused);
  EXPECT_LT(met.took, 200ms);
}

// However many are dead and however short the time, the last still has its turn.
TEST_F(HappyEyeballs, GiveEachItsTurn) {
  std::vector<tcp::endpoint> all(20, at(dead_.port()));
  all.push_back(good());
  const Met met = run(meet(all, 1s));
  EXPECT_EQ(met.connected.which, 20u);
}

TEST_F(HappyEyeballs, EndWhenTheProbeIsAbandoned) {
  const Met met = run(meet({at(dead_.port()), at(dead_.port())}, 10s, true));
  EXPECT_EQ(met.connected.error, asio::error::timed_out);
  EXPECT_LT(met.took, 1s);
}

}  // namespace
}  // namespace probes::net
