#include "probes/net/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "tests/support/probing.h"
#include "tests/support/tls_peer.h"

namespace probes::net {
namespace {

using namespace tests::support;
using namespace std::chrono_literals;

class Fetch : public testing::Test {
 protected:
  // Asks a server that does this after its handshake.
  std::variant<Fetched, FetchFailure> ask(std::vector<Act> script, std::size_t limit = 1000,
                                          std::chrono::milliseconds timeout = 10s) {
    TlsPeerOptions options;
    options.identity = &world_.server;
    options.after_handshake = std::move(script);
    const TlsPeer peer(options);
    return fetch({.url = "https://localhost:" + std::to_string(peer.port()) + "/list",
                  .headers = {"X-Asked: yes"},
                  .timeout = timeout,
                  .limit = limit,
                  .prepare_tls = [this](void* context) {
                    return X509_STORE_add_cert(SSL_CTX_get_cert_store(static_cast<SSL_CTX*>(context)),
                                               world_.authority.certificate.get()) == 1;
                  }});
  }
  World world_;
};

TEST_F(Fetch, AnyStatusIsAnAnswer) {
  const auto answer = ask(answer_http("HTTP/1.1 302 Found\r\nLocation: https://elsewhere/\r\nContent-Length: 3\r\n\r\nabc"));
  ASSERT_TRUE(std::holds_alternative<Fetched>(answer)) << std::get<FetchFailure>(answer).why;
  EXPECT_EQ(std::get<Fetched>(answer).status, 302);
  EXPECT_EQ(std::get<Fetched>(answer).body, "abc");
  EXPECT_EQ(std::get<Fetched>(answer).headers.at("location"), "https://elsewhere/");
}

TEST_F(Fetch, MoreThanTheLimitIsTooLarge) {
  const auto answer = ask(answer_http("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x')));
  ASSERT_TRUE(std::holds_alternative<FetchFailure>(answer));
  EXPECT_EQ(std::get<FetchFailure>(answer).kind, FetchFailure::Kind::too_large);
}

TEST_F(Fetch, AServerThatNeverAnswersIsATimeout) {
  const auto answer = ask({act::Silence{}}, 1000, 200ms);
  ASSERT_TRUE(std::holds_alternative<FetchFailure>(answer));
  EXPECT_EQ(std::get<FetchFailure>(answer).kind, FetchFailure::Kind::timeout);
}

TEST_F(Fetch, OtherProtocolsAreNotSpoken) {
  EXPECT_TRUE(std::holds_alternative<FetchFailure>(fetch({.url = "file:///etc/hostname", .headers = {}, .prepare_tls = {}})));
}

TEST_F(Fetch, AStopEndsIt) {
  std::stop_source stop;
  stop.request_stop();
  const FullListener full;
  const auto answer =
      fetch({.url = "http://127.0.0.1:" + std::to_string(full.port()) + "/", .headers = {}, .timeout = 60s, .prepare_tls = {}},
            stop.get_token());
  EXPECT_TRUE(std::holds_alternative<FetchFailure>(answer));
}

}  // namespace
}  // namespace probes::net
