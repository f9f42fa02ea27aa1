// The probe against nginx and haproxy of this machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "tests/support/probing.h"
#include "tests/support/web_servers.h"

namespace probes {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using config::ProxyProtocol;
using observations::Handshake;
using testing::AnyOf;
using testing::Each;
using testing::HasSubstr;

class WebServers : public testing::Test {
 protected:
  WebServers() {
    folder_.write("server.crt", pem(world_.server.certificate.get()));
    folder_.write("server.key", pem(world_.server.key.get()));
    folder_.write("both.pem.ecdsa", pem(world_.server.certificate.get()) + pem(world_.server.key.get()));
    const Issued rsa = issue({.common_name = "server", .key = "RSA:2048"}, &world_.authority);
    folder_.write("rsa.crt", pem(rsa.certificate.get()));
    folder_.write("rsa.key", pem(rsa.key.get()));
    folder_.write("both.pem.rsa", pem(rsa.certificate.get()) + pem(rsa.key.get()));
  }

  std::string file(const std::string& name) const { return folder_.path() + "/" + name; }

  // Listens on 127.0.0.1 and ::1 of port_; `listen`: more of its words.
  void start_nginx(const std::string& listen, const std::string& more = "") {
    const std::string port = std::to_string(port_);
    server_ = tests::support::start_nginx(
        folder_,
        "log_format ends '$proxy_protocol_addr|$proxy_protocol_port|$proxy_protocol_server_addr|"
        "$proxy_protocol_server_port $remote_addr|$remote_port|$server_addr|$server_port'; access_log " +
            file("access.log") + " ends; server { listen 127.0.0.1:" + port + " ssl" + listen + "; listen [::1]:" + port +
            " ssl" + listen + "; ssl_certificate " + file("server.crt") + "; ssl_certificate_key " + file("server.key") + "; " +
            more + " return 200; }");
    ASSERT_TRUE(server_->listens(port_));
  }

  void start_haproxy(const std::string& words, const std::string& crt = "both.pem.ecdsa") {
    const std::string port = std::to_string(port_);
    server_ = tests::support::start_haproxy(folder_,
                                            "bind 127.0.0.1:" + port + ",[::1]:" + port + " ssl crt " + file(crt) + " " + words);
    ASSERT_TRUE(server_->listens(port_));
  }

  Handshake probe(ProxyProtocol version, const std::string& host = "127.0.0.1", const std::string& algorithms = "") const {
    config::Module module{.name = "test", .protocol = "https", .timeout = 5s};
    module.proxy_protocol = version;
    module.tls.signature_algorithms = algorithms;
    return probe_once(world_, {.host = host, .port = port_, .module = module});
  }

  // With both versions, to both families.
  std::vector<std::string> outcomes_with_a_header() const {
    std::vector<std::string> outcomes;
    for (const ProxyProtocol version : {ProxyProtocol::v1, ProxyProtocol::v2})
      for (const char* host : {"127.0.0.1", "::1"}) outcomes.push_back(outcome(probe(version, host)));
    return outcomes;
  }

  // The lines of nginx's log of connections, once there are `count`.
  std::vector<std::string> log_lines(std::size_t count) const {
    std::vector<std::string> lines;
    for (int look = 0; look < 500 && lines.size() < count; ++look) {
      std::this_thread::sleep_for(10ms);
      lines.clear();
      std::ifstream log(file("access.log"));
      for (std::string line; std::getline(log, line);) lines.push_back(line);
    }
    return lines;
  }

  TemporaryFolder folder_;
  World world_;
  std::uint16_t port_ = closed_port();
  std::unique_ptr<Process> server_;
};

const auto hung_up = AnyOf("handshake/closed", "handshake/connection_reset");

TEST_F(WebServers, NginxTakesBothVersionsOfTheProxyProtocolAndReadsOurEndsInIt) {
  start_nginx(" proxy_protocol");
  EXPECT_THAT(outcomes_with_a_header(), Each("ok"));
  const std::vector<std::string> lines = log_lines(4);
  ASSERT_EQ(lines.size(), 4u);
  for (const std::string& line : lines) {
    const std::size_t space = line.find(' ');
    EXPECT_EQ(line.substr(0, space), line.substr(space + 1));
  }
}

TEST_F(WebServers, NginxHangsUpWithoutTheHeaderItInsistsOn) {
  start_nginx(" proxy_protocol");
  EXPECT_THAT(outcome(probe(ProxyProtocol::off)), hung_up);
}

TEST_F(WebServers, NginxThatExpectsNoHeaderSpeaksNoTls) {
  start_nginx("");
  EXPECT_EQ(outcome(probe(ProxyProtocol::off)), "ok");
  EXPECT_THAT(outcomes_with_a_header(), Each("handshake/not_tls"));
}

TEST_F(WebServers, HaproxyTakesBothVersionsOfTheProxyProtocol) {
  start_haproxy("accept-proxy");
  EXPECT_THAT(outcomes_with_a_header(), Each("ok"));
}

TEST_F(WebServers, HaproxyHangsUpWithoutTheHeaderItInsistsOn) {
  start_haproxy("accept-proxy");
  EXPECT_THAT(outcome(probe(ProxyProtocol::off)), hung_up);
}

TEST_F(WebServers, HaproxyThatExpectsNoHeaderFailsTheHandshake) {
  start_haproxy("");
  EXPECT_EQ(outcome(probe(ProxyProtocol::off)), "ok");
  EXPECT_THAT(outcomes_with_a_header(), Each(HasSubstr("handshake/")));
}

TEST_F(WebServers, TheSignatureAlgorithmsSayWhichOfTwoCertificatesIsShown) {
  const auto shown = [&](const std::string& algorithms) {
    const Handshake seen = probe(ProxyProtocol::off, "127.0.0.1", algorithms);
    EXPECT_EQ(outcome(seen), "ok") << algorithms;
    return seen.certificates.empty() ? "" : key_word(*seen.certificates.front());
  };
  start_nginx("", "ssl_certificate " + file("rsa.crt") + "; ssl_certificate_key " + file("rsa.key") + ";");
  EXPECT_EQ(shown("RSA-PSS+SHA256:RSA+SHA256"), "rsa:2048");
  EXPECT_EQ(shown("ECDSA+SHA256"), "ec:P-256");
  server_.reset();
  start_haproxy("", "both.pem");
  EXPECT_EQ(shown("RSA-PSS+SHA256:RSA+SHA256"), "rsa:2048");
  EXPECT_EQ(shown("ECDSA+SHA256"), "ec:P-256");
}

}  // namespace
}  // namespace probes
