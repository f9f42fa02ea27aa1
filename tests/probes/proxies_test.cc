// The probe through the proxies of this machine: squid, tinyproxy, microsocks and dante.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/probing.h"
#include "tests/support/proxies.h"
#include "tests/support/tls_peer.h"

namespace probes {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using config::Proxy;
using observations::Handshake;
using observations::Verdict;
using testing::AnyOf;
using testing::HasSubstr;

class Proxies : public testing::Test {
 protected:
  TlsPeerOptions picky() const {
    return {.identity = &world_.server,
            .client = ClientCertificate::required,
            .client_anchor = world_.authority.certificate.get(),
            .after_handshake = answer_http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")};
  }

  // Through whatever listens at port_. Our own name servers know nothing.
  Handshake probe(Proxy proxy, const std::string& host, std::uint16_t port, bool identity = true) const {
    proxy.host = "127.0.0.1";
    proxy.port = port_;
    Probing probing{.host = host, .port = port, .identity = identity ? world_.identity() : nullptr};
    probing.module.protocol = "https";
    probing.module.proxy = std::make_shared<const Proxy>(proxy);
    probing.proxy_password = password_;
    probing.name_servers = "127.0.0.1:" + std::to_string(nobody_);
    return probe_once(world_, probing);
  }

  Proxy http(const std::string& username = "") const { return {.kind = Proxy::Kind::http, .username = username}; }
  Proxy socks(const std::string& username = "") const { return {.kind = Proxy::Kind::socks5, .username = username}; }

  World world_;
  TemporaryFolder folder_;
  const std::uint16_t port_ = closed_port();
  const std::uint16_t nobody_ = closed_port();
  std::string password_ = "secret";
  std::unique_ptr<Process> proxy_;
};

TEST_F(Proxies, SquidLooksTheNameUpAndTheVerdictIsTheServers) {
  proxy_ = start_squid(folder_, port_, false);
  ASSERT_TRUE(proxy_->listens(port_));
  TlsPeer server(picky());
  const Handshake seen = probe(http(), "inner.estate.test", server.port());
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.client.verdict, Verdict::accepted);
  EXPECT_EQ(seen.endpoint, "inner.estate.test:" + std::to_string(server.port()));
  EXPECT_GT(seen.phases.proxy, 0ns);
  EXPECT_EQ(outcome(probe(http(), "inner.estate.test", server.port(), false)), "ok");  // turned away as it is meant
  EXPECT_THAT(server.seen().back().client_subject, "");
}

TEST_F(Proxies, SquidsLoginIsNeverTheServersRefusal) {
  proxy_ = start_squid(folder_, port_, true);
  ASSERT_TRUE(proxy_->listens(port_));
  TlsPeer server(picky());
  EXPECT_EQ(outcome(probe(http("watcher"), "inner.estate.test", server.port())), "ok");
  const Handshake without = probe(http(), "inner.estate.test", server.port());
  EXPECT_EQ(outcome(without), "proxy/proxy_authentication");
  EXPECT_FALSE(reached(without));
  EXPECT_EQ(without.client.verdict, std::nullopt);
  password_ = "wrong";
  const Handshake wrong = probe(http("watcher"), "inner.estate.test", server.port());
  EXPECT_EQ(outcome(wrong), "proxy/proxy_authentication");
  EXPECT_EQ(wrong.failure()->detail.find("wrong"), std::string::npos);
  EXPECT_EQ(server.seen().size(), 1u);
}

TEST_F(Proxies, SquidSaysWhatIsForbiddenAndWhatItCannotReach) {
  proxy_ = start_squid(folder_, port_, false);
  ASSERT_TRUE(proxy_->listens(port_));
  EXPECT_EQ(outcome(probe(http(), "forbidden.estate.test", 443)), "proxy/proxy_refused");
  const Handshake down = probe(http(), "inner.estate.test", closed_port());
  EXPECT_EQ(outcome(down), "proxy/proxy_target_unreachable");
  EXPECT_THAT(down.failure()->detail, HasSubstr("ERR_CONNECT_FAIL"));
}

TEST_F(Proxies, TinyproxyTakesALogin) {
  proxy_ = start_tinyproxy(folder_, port_, true);
  ASSERT_TRUE(proxy_->listens(port_));
  TlsPeer server(picky());
  EXPECT_EQ(outcome(probe(http("watcher"), "127.0.0.1", server.port())), "ok");
  EXPECT_EQ(outcome(probe(http(), "127.0.0.1", server.port())), "proxy/proxy_authentication");
  EXPECT_EQ(outcome(probe(http("watcher"), "127.0.0.1", closed_port())), "proxy/proxy_target_unreachable");
}

TEST_F(Proxies, MicrosocksTakesALogin) {
  proxy_ = start_microsocks(folder_, port_, true);
  ASSERT_TRUE(proxy_->listens(port_));
  TlsPeer server(picky());
  EXPECT_EQ(outcome(probe(socks("watcher"), "localhost", server.port())), "ok");
  EXPECT_EQ(outcome(probe(socks(), "localhost", server.port())), "proxy/proxy_authentication");
  EXPECT_EQ(outcome(probe(socks("watcher"), "localhost", closed_port())), "proxy/proxy_target_unreachable");
  password_ = "wrong";
  EXPECT_EQ(outcome(probe(socks("watcher"), "localhost", server.port())), "proxy/proxy_authentication");
}

TEST_F(Proxies, DanteSaysWhatItsRulesForbid) {
  proxy_ = start_dante(folder_, port_);
  ASSERT_TRUE(proxy_->listens(port_));
  TlsPeer server(picky());
  EXPECT_EQ(outcome(probe(socks(), "127.0.0.1", server.port())), "ok");
  EXPECT_EQ(outcome(probe(socks(), "127.0.0.2", server.port())), "proxy/proxy_refused");
  EXPECT_EQ(outcome(probe(socks(), "127.0.0.1", closed_port())), "proxy/proxy_target_unreachable");
}

// It hangs up on an HTTP request; an HTTP proxy waits for the rest of what SOCKS says.
TEST_F(Proxies, AProxyOfTheOtherKindIsNoProxy) {
  proxy_ = start_microsocks(folder_, port_, false);
  ASSERT_TRUE(proxy_->listens(port_));
  EXPECT_EQ(outcome(probe(http(), "127.0.0.1", closed_port())), "proxy/proxy_protocol");
}

TEST_F(Proxies, AProxyThatIsDownIsNotTheServer) {
  const Handshake seen = probe(http(), "127.0.0.1", 443);
  EXPECT_EQ(outcome(seen), "proxy/proxy_unreachable");
  EXPECT_THAT(seen.failure()->detail, HasSubstr("http://127.0.0.1:" + std::to_string(port_) + ": Connection refused"));
}

// The server's own silence and its refusal of our certificate stay what they are through a tunnel.
TEST_F(Proxies, WhatTheServerDoesIsTheServers) {
  proxy_ = start_microsocks(folder_, port_, false);
  ASSERT_TRUE(proxy_->listens(port_));
  const Issued other = root("Other CA");
  TlsPeerOptions options = picky();
  options.client_anchor = other.certificate.get();
  options.refusal = act::Alert{48};
  TlsPeer refuses(options);
  EXPECT_EQ(outcome(probe(socks(), "127.0.0.1", refuses.port())), "client_certificate/unknown_ca 48");
  TlsPeer hangs_up({.identity = &world_.server, .before_handshake = {act::AwaitBytes{}, act::Close{}}});
  EXPECT_THAT(outcome(probe(socks(), "127.0.0.1", hangs_up.port())), AnyOf("handshake/closed", "handshake/connection_reset"));
}

// A trickling proxy ends at the deadline of the whole probe.
TEST_F(Proxies, ASlowProxyEndsWithTheProbe) {
  TlsPeer slow({.before_handshake = {act::AwaitBytes{}, act::Trickle{"HTTP/1.1 200 OK\r\n" + std::string(500, 'X'), 100ms}}});
  Probing probing{.port = 443};
  Proxy proxy{.kind = Proxy::Kind::http, .host = "127.0.0.1", .port = slow.port()};
  probing.module.proxy = std::make_shared<const Proxy>(proxy);
  probing.module.timeout = 700ms;
  const Handshake seen = probe_once(world_, probing);
  EXPECT_EQ(outcome(seen), "proxy/proxy_timeout");
  EXPECT_LT(seen.duration, 950ms);
}

// Whoever may ask for any name reaches an address that was judged here.
TEST_F(Proxies, AStrangersNameIsJudgedHereAndTheProxyIsAskedForItsAddress) {
  proxy_ = start_microsocks(folder_, port_, false);
  ASSERT_TRUE(proxy_->listens(port_));
  TlsPeer server(picky());
  Probing probing{.host = "localhost", .port = server.port(), .identity = world_.identity()};
  probing.module.protocol = "https";
  probing.module.proxy = std::make_shared<const Proxy>(Proxy{.kind = Proxy::Kind::socks5, .host = "127.0.0.1", .port = port_});
  probing.name_may_leave = false;
  std::vector<std::string> judged;
  probing.may_connect = [&](const asio::ip::address& address) {
    judged.push_back(address.to_string());
    return address.is_v4();
  };
  const Handshake seen = probe_once(world_, probing);
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.endpoint, "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_THAT(judged, testing::Contains("127.0.0.1"));
  probing.may_connect = [](const asio::ip::address&) { return false; };
  const Handshake closed = probe_once(world_, probing);
  EXPECT_EQ(outcome(closed), "connect/unreachable");
  EXPECT_EQ(closed.endpoint, "");
}

}  // namespace
}  // namespace probes
