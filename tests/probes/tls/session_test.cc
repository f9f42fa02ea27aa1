#include "probes/tls/session.h"

#include <gtest/gtest.h>

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
  Session session(socket, std::get<Ptr<SSL_CTX>>(made).get(), "localhost", nullptr, bytes_limit);
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
