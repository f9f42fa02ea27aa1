// The telemetry port on a real socket: what it answers, and what it does not.
#include "exporter/telemetry/telemetry.h"

#include <civetweb.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "exporter/web/listeners.h"
#include "tests/exporter/web/client.h"
#include "tests/support/an_estate.h"

namespace exporter::telemetry {
namespace {

using namespace ::tests::support;
using testing::HasSubstr;
using testing::Not;

class TelemetryPort : public testing::Test {
 protected:
  tests::web::Answer ask(const std::string& request) const {
    const tests::web::Client client(telemetry_.address());
    client.send(request);
    return client.answer();
  }
  tests::web::Answer get(const std::string& path) const {
    return ask("GET " + path + " HTTP/1.1\r\nHost: x\r\nOrigin: http://evil\r\n\r\n");
  }

  Estate estate_;
  metrics::OwnMetrics own_{build()};
  Telemetry telemetry_{{"", 0}, estate_, own_, [] { return today; }};
};

TEST_F(TelemetryPort, ListensOnLoopbackUnlessAnAddressIsWritten) {
  EXPECT_THAT(telemetry_.address(), testing::StartsWith("127.0.0.1:"));
}

TEST_F(TelemetryPort, HasTheExporterItselfAndTheEstateInNumbers) {
  const auto answer = get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("\nmtls_exporter_probes_in_flight 0"));
  EXPECT_THAT(answer.body, HasSubstr("# HELP mtls_estate_certificates "));
  EXPECT_THAT(answer.body, HasSubstr("mtls_estate_doors{mode=\"open\"} 0"));
  EXPECT_LT(answer.body.size(), 32u << 10);
}

TEST_F(TelemetryPort, SaysNothingOfOtherOrigins) {
  EXPECT_FALSE(get("/metrics").headers.contains("access-control-allow-origin"));
}

TEST_F(TelemetryPort, HasNoOtherPath) {
  for (const char* path :
       {"/", "/metrics2", "/-/healthy", "/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/cgi-bin/x.cgi", "/metrics.php"})
    EXPECT_EQ(get(path).status, 404) << path;
}

TEST_F(TelemetryPort, HostileRequestsAreRefusedAndTheNextIsAnswered) {
  const std::vector<std::string> requests = {
      "\r\n\r\n",
      "GET\r\n\r\n",
      "GET /metrics HTTP/9.9\r\n\r\n",
      std::string(100'000, 'A'),
      std::string("\x16\x03\x01\x02\x00\x01", 6),
      "GET /metrics HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=\r\nContent-Length: 4\r\n\r\n----",
      "GET /metrics HTTP/1.1\r\n" + std::string(20'000, 'x') + ": y\r\n\r\n",
      "GET " + std::string(20'000, '/') + " HTTP/1.1\r\n\r\n"};
  for (const std::string& request : requests) ask(request);
  EXPECT_EQ(get("/metrics").status, 200);
}

// Each holds a thread for half a second, and is let go.
TEST_F(TelemetryPort, AHundredIdleClientsDelayAScrapeAndDoNotStopIt) {
  std::vector<std::unique_ptr<tests::web::Client>> idle;
  for (int number = 0; number < 100; ++number) idle.push_back(std::make_unique<tests::web::Client>(telemetry_.address()));
  EXPECT_EQ(get("/metrics").status, 200);
}

TEST(Telemetry, WhatItCannotListenOnIsSaidAtTheStart) {
  Estate estate;
  metrics::OwnMetrics own(build());
  const auto refused = [&](const config::Address& address) -> std::string {
    try {
      const Telemetry telemetry(address, estate, own, [] { return today; });
    } catch (const web::ListenError& error) {
      return error.what();
    }
    return "listens";
  };
  const Telemetry first({"127.0.0.1", 0}, estate, own, [] { return today; });
  const auto port = static_cast<std::uint16_t>(std::stoi(first.address().substr(first.address().find(':') + 1)));
  EXPECT_THAT(refused({"127.0.0.1", port}), HasSubstr("the address is taken"));
  EXPECT_THAT(refused({"localhost", 0}), HasSubstr("is no address; write one like"));
  if (mg_check_feature(MG_FEATURES_IPV6) == 0) EXPECT_THAT(refused({"::1", 0}), HasSubstr("has no IPv6: write an IPv4 address"));
  else EXPECT_EQ(refused({"::1", 0}), "listens");
}

TEST(Telemetry, KnowsLoopback) {
  EXPECT_TRUE(is_loopback({"", 1}) && is_loopback({"127.0.0.2", 1}) && is_loopback({"::1", 1}));
  EXPECT_FALSE(is_loopback({"0.0.0.0", 1}) || is_loopback({"::", 1}) || is_loopback({"127.evil.example", 1}));
}

}  // namespace
}  // namespace exporter::telemetry
