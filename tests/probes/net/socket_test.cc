#include "probes/net/socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/read.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <thread>

#include "tests/support/scripted_stream.h"

namespace probes::net {
namespace {

using namespace std::chrono_literals;
using tests::support::run;
using Clock = std::chrono::steady_clock;

// The kernel notes arrivals to a jiffy, 10 ms at the longest.
constexpr auto jiffies = 20ms;

// A connection and its other end, which is driven by hand.
class Server {
 public:
  asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  asio::awaitable<void> meet(Socket& socket) {
    co_await socket.connect(endpoint(), socket.deadline());
    other_ = acceptor_.accept();
  }
  void send(const std::string& bytes) { asio::write(other_, asio::buffer(bytes)); }
  void close() { other_.close(); }
  // All that comes until the end of the connection, which must be an orderly one.
  std::string read_to_the_end() {
    std::string read;
    asio::error_code error;
    asio::read(other_, asio::dynamic_buffer(read), error);
    EXPECT_EQ(error, asio::error::eof) << error.message();
    return read;
  }
  // What has come by now.
  std::size_t waiting() {
    char buffer[64];
    return static_cast<std::size_t>(std::max<ssize_t>(0, recv(other_.native_handle(), buffer, sizeof buffer, MSG_DONTWAIT)));
  }

 private:
  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
  asio::ip::tcp::socket other_{loop_};
};

// By both clocks: what a wait took, and what of it was the server's.
struct Took {
  Clock::duration in_all{};
  Clock::duration the_servers{};
  Clock::duration ours() const { return in_all - the_servers; }
};

asio::awaitable<Took> wait(Socket& socket, Moment until = Moment::max()) {
  const auto began = Clock::now();
  const Moment before = socket.now();
  co_await socket.readable(until);
  const Moment after = socket.now();
  co_return Took{Clock::now() - began, after - before};
}

// Waits while the lane is busy with something else: `meanwhile`, and then for so long.
asio::awaitable<Took> wait_on_a_busy_lane(std::function<void(Server&)> meanwhile, Clock::duration busy,
                                          Clock::duration until = 1h) {
  const auto executor = co_await asio::this_coro::executor;
  Socket socket(executor, Clock::now() + 10s);
  Server server;
  co_await server.meet(socket);
  asio::post(executor, [&] {
    meanwhile(server);
    std::this_thread::sleep_for(busy);
  });
  co_return co_await wait(socket, Clock::now() + until);
}

TEST(Socket, WhatLayUnreadIsNotTheServersTime) {
  const Took took = run(wait_on_a_busy_lane([](Server& server) { server.send("x"); }, 200ms));
  EXPECT_GE(took.ours(), 200ms - jiffies);
}

TEST(Socket, AMomentThatPassedUnseenIsNotTheServersTime) {
  const Took took = run(wait_on_a_busy_lane([](Server&) {}, 200ms, 50ms));
  EXPECT_GE(took.ours(), 150ms);
  EXPECT_GE(took.the_servers, 50ms - jiffies);
}

TEST(Socket, AnAnswerThatComesWithTheEndIsTimedToo) {
  const auto answer_and_close = [](Server& server) {
    server.send("x");
    server.close();
  };
  EXPECT_GE(run(wait_on_a_busy_lane(answer_and_close, 200ms)).ours(), 200ms - jiffies);
}

TEST(Socket, WhatCameBeforeTheWaitTakesNothingOffIt) {
  const auto take = []() -> asio::awaitable<Took> {
    Socket socket(co_await asio::this_coro::executor, Clock::now() + 10s);
    Server server;
    co_await server.meet(socket);
    server.send("x");
    std::this_thread::sleep_for(100ms);
    co_return co_await wait(socket);
  };
  EXPECT_GE(run(take()).the_servers, 0ms);
}

TEST(Socket, AWaitThatIsHurriedIsNotLongerThanItWas) {
  const auto take = []() -> asio::awaitable<Took> {
    const auto executor = co_await asio::this_coro::executor;
    Socket socket(executor, Clock::now() + 10s);
    Server server;
    co_await server.meet(socket);
    asio::post(executor, socket.expire_now());
    co_return co_await wait(socket);
  };
  const Took took = run(take());
  EXPECT_LE(took.the_servers, took.in_all);
}

TEST(Socket, AStallIsCountedOnceHoweverManyAddressesAreLeft) {
  const auto go_on = []() -> asio::awaitable<Clock::duration> {
    Socket socket(co_await asio::this_coro::executor, Clock::now() + 50ms);
    Server server;
    std::this_thread::sleep_for(200ms);
    const Moment before = socket.now();
    for (int address = 0; address < 3; ++address) {
      const asio::error_code error = co_await socket.connect(server.endpoint(), Clock::now() - 50ms);
      EXPECT_EQ(error, asio::error::timed_out);
    }
    co_return socket.now() - before;
  };
  EXPECT_GE(run(go_on()), 0ms);
}

// A server whose answer is under way for so long.
asio::awaitable<Took> wait_for_the_server(std::function<void(Server&)> answer) {
  Socket socket(co_await asio::this_coro::executor, Clock::now() + 10s);
  Server server;
  co_await server.meet(socket);
  server.send("x");
  co_await socket.readable();
  char byte = 0;
  EXPECT_EQ(recv(socket.descriptor(), &byte, 1, 0), 1);
  std::thread thinking([&] {
    std::this_thread::sleep_for(200ms);
    answer(server);
  });
  const Took took = co_await wait(socket);
  thinking.join();
  co_return took;
}

TEST(Socket, WhatTheServerTakesIsItsOwn) {
  EXPECT_GE(run(wait_for_the_server([](Server& server) { server.send("y"); })).the_servers, 200ms - jiffies);
}

TEST(Socket, AnEndWithoutAWordIsNotTakenForTheLastWordLongAgo) {
  EXPECT_GE(run(wait_for_the_server([](Server& server) { server.close(); })).the_servers, 200ms - jiffies);
}

TEST(Socket, TheTimeOfAConnectionThatStoodUnseenIsOurs) {
  asio::io_context loop;
  Server server;
  Took took;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        Socket socket(executor, Clock::now() + 10s);
        asio::post(executor, [] { std::this_thread::sleep_for(200ms); });
        const auto began = Clock::now();
        const Moment before = socket.now();
        co_await server.meet(socket);
        const Moment after = socket.now();
        took = {Clock::now() - began, after - before};
      },
      [](std::exception_ptr error) { EXPECT_FALSE(error); });
  loop.run();
  EXPECT_GE(took.ours(), 200ms - jiffies);
}

asio::awaitable<bool> say_goodbye(bool unread) {
  Server server;
  Socket socket(co_await asio::this_coro::executor, Clock::now() + 10s);
  co_await server.meet(socket);
  if (unread) server.send("more than we wanted to know");
  socket.hold_last_words();
  EXPECT_EQ(send(socket.descriptor(), "goodbye", 7, 0), 7);
  EXPECT_EQ(server.waiting(), 0u);
  socket.end_writing();
  socket.close();
  co_return server.read_to_the_end() == "goodbye";
}

TEST(Socket, AGoodbyeLeavesTogetherWithTheEnd) { EXPECT_TRUE(run(say_goodbye(false))); }

TEST(Socket, AGoodbyeArrivesThoughSomethingIsUnread) { EXPECT_TRUE(run(say_goodbye(true))); }

}  // namespace
}  // namespace probes::net
