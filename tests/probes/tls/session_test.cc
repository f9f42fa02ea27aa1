#include "probes/tls/session.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/this_coro.hpp>

#include "probes/tls/context.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/tls_peer.h"

namespace probes::tls {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;

// Shakes hands with `peer` and listens until it has said its last, or for ten seconds.
asio::awaitable<net::End> last_word(const TlsPeer& peer, std::size_t bytes_limit, const Identity* identity = nullptr) {
  const auto executor = co_await asio::this_coro::executor;
  const auto until = std::chrono::steady_clock::now() + 10s;
  net::Socket socket(executor, until);
  co_await socket.connect({asio::ip::address_v4::loopback(), peer.port()}, until);
  const auto made = make_context({}, identity);
  Session session(socket, std::get<Ptr<SSL_CTX>>(made).get(), "localhost", nullptr, nullptr, bytes_limit);
  net::End end = co_await session.handshake();
  while (end == net::End::ok && !session.application_bytes_waiting()) end = co_await session.listen(until);
  co_return end;
}

TEST(Session, AFloodOfTicketsIsReadUpToTheLimitAndNoFurther) {
  TlsPeerOptions options;
  options.after_handshake = {act::FloodTickets{}};
  const TlsPeer peer(options);
  EXPECT_EQ(run(last_word(peer, 64 * 1024)), net::End::flooded);
}

// RFC 8446 4.6.3 sets no limit. A buffer holds some six hundred of them, so it is not enough to read no more.
TEST(Session, KeyUpdatesWithoutEndAreFollowedToTheLimitAndNoFurther) {
  const TlsPeer peer({.after_handshake = {act::FloodKeyUpdates{}}});
  const auto met = [&]() -> asio::awaitable<std::pair<Stop, int>> {
    const auto executor = co_await asio::this_coro::executor;
    const auto until = std::chrono::steady_clock::now() + 10s;
    net::Socket socket(executor, until);
    co_await socket.connect({asio::ip::address_v4::loopback(), peer.port()}, until);
    const auto made = make_context({}, nullptr);
    Session session(socket, std::get<Ptr<SSL_CTX>>(made).get(), "localhost", nullptr);
    net::End end = co_await session.handshake();
    while (end == net::End::ok) end = co_await session.listen(until);
    co_return std::pair(session.stop(), session.trace().messages);
  };
  const auto [stop, messages] = run(met());
  EXPECT_EQ(stop.end, net::End::flooded);
  EXPECT_TRUE(stop.too_many_messages);
  EXPECT_EQ(messages, messages_limit + 1);
}

// Shakes hands on one loop with `other` as the signer or the worker, which runs only when told: true if that was waited for.
bool waits_for_another_thread(const TlsPeer& peer, bool signer) {
  asio::io_context loop;
  asio::io_context other;
  const asio::any_io_executor elsewhere = other.get_executor();
  bool done = false;
  const auto shake = [&]() -> asio::awaitable<void> {
    const auto until = std::chrono::steady_clock::now() + 20s;
    net::Socket socket(loop.get_executor(), until);
    co_await socket.connect({asio::ip::address_v4::loopback(), peer.port()}, until);
    const auto made = make_context({}, nullptr);
    Session session(socket, std::get<Ptr<SSL_CTX>>(made).get(), "localhost", signer ? &elsewhere : nullptr, &elsewhere);
    done = co_await session.handshake() == net::End::ok;
  };
  asio::co_spawn(loop, shake(), asio::detached);
  loop.run_for(500ms);
  const bool waited = !done;
  for (int turn = 0; turn < 1000 && !done; ++turn) other.restart(), other.run_for(5ms), loop.restart(), loop.run_for(5ms);
  EXPECT_TRUE(done);
  return waited;
}

TEST(Session, AKeyThatMayBlockSignsOnTheSignersThread) {
  const TlsPeer peer;
  EXPECT_TRUE(waits_for_another_thread(peer, true));
}

TEST(Session, AHandshakeThatIsNotLightGoesOnOnTheWorkersThread) {
  EXPECT_FALSE(waits_for_another_thread(TlsPeer(), false));
  const Issued stranger = issue({.common_name = "stranger"});
  TlsPeerOptions options;
  options.chain = std::vector<X509*>(80, stranger.certificate.get());
  EXPECT_TRUE(waits_for_another_thread(TlsPeer(options), false));
}

// Who waits for that thread behind others has a deadline, which passes meanwhile.
TEST(Session, AHandshakeThatGoesOnElsewhereEndsAtItsDeadline) {
  asio::io_context loop;
  asio::io_context other;
  const asio::any_io_executor elsewhere = other.get_executor();
  const Issued stranger = issue({.common_name = "stranger"});
  TlsPeerOptions options;
  options.chain = std::vector<X509*>(80, stranger.certificate.get());
  const TlsPeer peer(options);
  std::function<void()> expire_now;
  std::optional<net::End> end;
  const auto shake = [&]() -> asio::awaitable<void> {
    const auto until = std::chrono::steady_clock::now() + 20s;
    net::Socket socket(loop.get_executor(), until);
    expire_now = socket.expire_now();
    co_await socket.connect({asio::ip::address_v4::loopback(), peer.port()}, until);
    const auto made = make_context({}, nullptr);
    Session session(socket, std::get<Ptr<SSL_CTX>>(made).get(), "localhost", nullptr, &elsewhere);
    end = co_await session.handshake();
  };
  asio::co_spawn(loop, shake(), asio::detached);
  loop.run_for(500ms);
  ASSERT_FALSE(end);
  expire_now();
  for (int turn = 0; turn < 1000 && !end; ++turn) other.restart(), other.run_for(5ms), loop.restart(), loop.run_for(5ms);
  EXPECT_EQ(end, net::End::too_late);
}

TEST(Session, ASecondHelloTooManyEndsIt) {
  TlsPeerOptions options;
  options.max_version = TLS1_2_VERSION;
  options.after_handshake = std::vector<Act>(6, act::Renegotiate{});
  const Issued client = issue({.common_name = "client"});
  const TlsPeer peer(options);
  const auto identity = Identity::of("client", {client.certificate.get()}, client.key.get());
  EXPECT_EQ(run(last_word(peer, received_bytes_limit, identity.get())), net::End::flooded);
}

TEST(Session, WithinTheLimitTheServersOwnEndIsMet) {
  TlsPeerOptions options;
  options.after_handshake = {act::CloseNotify{}};
  const TlsPeer peer(options);
  EXPECT_EQ(run(last_word(peer, 64 * 1024)), net::End::closed);
}

}  // namespace
}  // namespace probes::tls
