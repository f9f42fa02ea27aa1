// Every source live: files that change, a real HTTPS server with client certificates, a real name server, real listeners.
#include "exporter/discovery/finder.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/exporter/discovery/finding.h"
#include "tests/support/probing.h"
#include "tests/support/process.h"
#include "tests/support/tls_peer.h"

namespace exporter::discovery {
namespace {

namespace fs = std::filesystem;
using namespace tests::support;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using enum SourceReason;
using Texts = std::vector<std::string>;

std::string list(const Texts& addresses) {
  std::string text = "[{\"targets\": [";
  for (const std::string& address : addresses) text += (text.ends_with('[') ? "\"" : ", \"") + address + "\"";
  return text + "]}]";
}

class Live : public testing::Test {
 protected:
  // As careful programs do it.
  void replace(const std::string& name, const std::string& content) const {
    folder_.write(name + ".new", content);
    fs::rename(folder_.path() + "/" + name + ".new", folder_.path() + "/" + name);
  }
  bool finds(Finding& finding, Texts addresses) {
    std::ranges::sort(addresses);
    return finding.wait_until([&] { return finding.addresses() == addresses; });
  }
  TemporaryFolder folder_;
  World world_;
};

TEST_F(Live, FileSdFollowsFilesReplacedAtomicallyAndInPlace) {
  folder_.write("a.json", list({"a:1"}));
  Finding finding(folder_.path(), "discovery: [{file_sd: ['*.json', list.yml], interval: 1h}]");
  EXPECT_TRUE(finds(finding, {"a:1"}));
  EXPECT_TRUE(finding.wait_until([&] { return finding.errors("file_sd", not_found) > 0; }));
  replace("a.json", list({"a:2"}));
  EXPECT_TRUE(finds(finding, {"a:2"}));
  folder_.write("a.json", list({"a:3", "b:1"}));
  EXPECT_TRUE(finds(finding, {"a:3", "b:1"}));
  folder_.write("list.yml", "- targets: ['c:1']\n");
  EXPECT_TRUE(finds(finding, {"a:3", "b:1", "c:1"}));
  EXPECT_TRUE(finding.wait_until([&] { return finding.slot("file_sd")->up && finding.slot("file_sd")->targets == 3; }));
  fs::remove(folder_.path() + "/a.json");
  EXPECT_TRUE(finds(finding, {"c:1"}));
}

TEST_F(Live, ABrokenFileKeepsItsLastGoodList) {
  folder_.write("a.json", list({"a:1"}));
  Finding finding(folder_.path(), "discovery: [{file_sd: [a.json], interval: 1h, name: cmdb}]");
  ASSERT_TRUE(finds(finding, {"a:1"}));
  ASSERT_TRUE(finding.wait_until([&] { return finding.slot("cmdb")->up; }));
  const auto refreshed = finding.slot("cmdb")->refreshed;
  replace("a.json", "[{\"targets\": [\"a:2\"");
  ASSERT_TRUE(finding.wait_until([&] { return finding.errors("cmdb", bad_syntax) > 0; }));
  EXPECT_EQ(finding.addresses(), Texts{"a:1"});
  EXPECT_FALSE(finding.slot("cmdb")->up);
  EXPECT_EQ(finding.slot("cmdb")->refreshed, refreshed);
  fs::remove(folder_.path() + "/a.json");
  ASSERT_TRUE(finding.wait_until([&] { return finding.errors("cmdb", not_found) > 0; }));
  EXPECT_EQ(finding.addresses(), Texts{"a:1"});
}

TEST_F(Live, ATroubleThatStaysIsSaidOnce) {
  folder_.write("a.json", list({"nowhere:", "a:1"}));
  testing::internal::CaptureStderr();
  Finding finding(folder_.path(), "discovery: [{file_sd: [a.json], interval: 20ms}]");
  const bool again = finding.wait_until([&] { return finding.errors("file_sd", bad_target) > 3; });
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(again);
  const std::size_t first = log.find("discovery met trouble");
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("discovery met trouble", first + 1), std::string::npos) << log;
  EXPECT_THAT(log, testing::HasSubstr("a.json:1"));
  EXPECT_THAT(log, testing::HasSubstr("nowhere"));
}

TEST_F(Live, AReloadKeepsWhatAnUnchangedSourceHasFound) {
  folder_.write("a.json", list({"a:1"}));
  Finding finding(folder_.path(), "discovery: [{file_sd: [a.json], interval: 1h}]");
  ASSERT_TRUE(finds(finding, {"a:1"}));
  finding.reconfigure("discovery: [{file_sd: [a.json], interval: 1h, labels: {team: x}}]");
  EXPECT_EQ(finding.addresses(), Texts{"a:1"});
  finding.reconfigure("{}");
  EXPECT_THAT(finding.addresses(), IsEmpty());
  EXPECT_EQ(finding.slot("file_sd"), nullptr);
}

TEST_F(Live, EverySourceShowsItsReasonsFromZero) {
  Finding finding(folder_.path(), "discovery: [{file_sd: [a.json]}, {sweep: {cidrs: [127.0.0.1], ports: [1]}}]");
  EXPECT_TRUE(finding.slot("file_sd")->errors.contains(unknown_identity));
  EXPECT_EQ(finding.slot("sweep")->errors.at(too_large), 0u);
  EXPECT_TRUE(finding.wait_until([&] { return finding.finder().looked_once(); }));
}

TEST_F(Live, HttpSdAsksNginxWithItsOwnTrustAndIdentity) {
  folder_.write("root.pem", pem(world_.authority.certificate.get()));
  folder_.write("server.pem", pem(world_.server.certificate.get()));
  folder_.write("server.key", pem(world_.server.key.get()));
  folder_.write("client.pem", pem(world_.client.certificate.get()) + pem(world_.client.key.get()));
  folder_.write("targets", list({"a:1"}));
  fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::others_exec | fs::perms::others_read);
  const std::uint16_t port = closed_port();
  const std::string at = "127.0.0.1:" + std::to_string(port);
  folder_.write(
      "nginx.conf",
      "daemon off; master_process off; pid nginx.pid; error_log stderr; events {}\nhttp { access_log off;\n"
      "client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;\n"
      "server { listen " +
          at +
          " ssl; server_name localhost; ssl_certificate server.pem; ssl_certificate_key server.key;\n"
          "ssl_client_certificate root.pem; ssl_verify_client on; root " +
          folder_.path() + "; location = /moved { return 302 /targets; } } }\n");
  const Process server({"nginx", "-e", "stderr", "-p", folder_.path(), "-c", folder_.path() + "/nginx.conf"},
                       folder_.path() + "/log");
  ASSERT_TRUE(server.listens(port));
  const std::string world =
      "trust: {estate: {ca_files: [root.pem]}, other: {ca_files: [client.pem]}}\nidentities: {client: {certificate_file: "
      "client.pem}}\n";
  const auto entry = [&](const std::string& name, const std::string& path, const std::string& more) {
    return "  - {name: " + name + ", interval: 100ms, http_sd: {url: 'https://" + at + path + "'" + more + "}}\n";
  };
  Finding finding(
      folder_.path(),
      world + "discovery:\n" + entry("good", "/targets", ", trust: estate, identity: client") +
          entry("nobody", "/targets", ", trust: estate") + entry("stranger", "/targets", ", trust: other, identity: client") +
          entry("moved", "/moved", ", trust: estate, identity: client") +
          "  - {nginx: [nginx.conf]}\n  - {name: down, http_sd: 'http://127.0.0.1:" + std::to_string(closed_port()) + "/'}\n");
  EXPECT_TRUE(finds(finding, {"a:1", at}));
  EXPECT_THAT(finding.targets(), Contains("localhost " + at + " localhost default"));
  replace("targets", list({"a:2"}));
  EXPECT_TRUE(finds(finding, {"a:2", at}));
  EXPECT_TRUE(finding.wait_until([&] {
    return finding.errors("nobody", http_status) > 0 && finding.errors("stranger", tls_failed) > 0 &&
           finding.errors("moved", http_status) > 0 && finding.errors("down", unreachable) > 0;
  }));
  EXPECT_TRUE(finding.wait_until([&] { return finding.slot("good")->up; }));
}

// dnsmasq, answering for .test alone, and from the files of a test; names below silent.test are left without an answer.
TEST_F(Live, DnsFollowsARealNameServer) {
  const int silence = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in nowhere{};
  nowhere.sin_family = AF_INET;
  nowhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof nowhere;
  ASSERT_EQ(bind(silence, reinterpret_cast<sockaddr*>(&nowhere), size), 0);
  ASSERT_EQ(getsockname(silence, reinterpret_cast<sockaddr*>(&nowhere), &size), 0);
  std::string hosts = "10.1.0.1 web.test\n";
  for (int number = 0; number < 1000; ++number)
    hosts += "10.2." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1) + " many.test\n";
  folder_.write("hosts", hosts);
  const std::uint16_t port = closed_port();
  const Process server({"dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                        "--log-facility=-", "--pid-file", "--user=root", "--listen-address=127.0.0.1", "--bind-interfaces",
                        "--port=" + std::to_string(port), "--addn-hosts=" + folder_.path() + "/hosts", "--local=/test/",
                        "--srv-host=_https._tcp.test,web.test,8443", "--srv-host=_https._tcp.test,other.test,443",
                        "--server=/silent.test/127.0.0.1#" + std::to_string(ntohs(nowhere.sin_port))},
                       folder_.path() + "/log");
  ASSERT_TRUE(server.listens(port));
  const std::string at = ", servers: '127.0.0.1:" + std::to_string(port) + "'}, interval: 100ms";
  Finding finding(folder_.path(),
                  "discovery:\n"
                  "  - {name: services, dns: {names: [_https._tcp.test, _x._tcp.silent.test], type: SRV" +
                      at +
                      "}\n"
                      "  - {name: addresses, dns: {names: [web.test, missing.test], type: A, port: 443" +
                      at + "}\n");
  EXPECT_TRUE(finds(finding, {"other.test:443", "web.test:8443", "10.1.0.1:443"}));
  EXPECT_THAT(finding.targets(), Contains("10.1.0.1:443 10.1.0.1:443 web.test default"));
  EXPECT_TRUE(finding.wait_until([&] { return finding.errors("addresses", name_not_found) > 0; }));
  folder_.write("hosts", "10.1.0.2 web.test\n" + hosts.substr(hosts.find('\n') + 1));
  server.signal(SIGHUP);
  EXPECT_TRUE(finds(finding, {"other.test:443", "web.test:8443", "10.1.0.2:443"}));
  EXPECT_TRUE(finding.wait_until([&] { return finding.errors("services", timeout) > 0; }));
  EXPECT_THAT(finding.addresses(), SizeIs(3));
  finding.reconfigure("discovery: [{name: addresses, dns: {names: [many.test], type: A, port: 443" + at + "}]");
  EXPECT_TRUE(finding.wait_until([&] { return finding.addresses().size() == 1000; }));
  close(silence);
}

TEST_F(Live, SweepFindsWhatSpeaksTlsAndNothingElse) {
  TlsPeerOptions options;
  options.identity = &world_.server;
  const TlsPeer speaker(options), outside(options);
  const int mute = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof any;
  ASSERT_EQ(bind(mute, reinterpret_cast<sockaddr*>(&any), size), 0);
  ASSERT_EQ(listen(mute, 1), 0);
  ASSERT_EQ(getsockname(mute, reinterpret_cast<sockaddr*>(&any), &size), 0);
  const std::string ports = std::to_string(speaker.port()) + ", " + std::to_string(ntohs(any.sin_port));
  Finding finding(folder_.path(),
                  "discovery: [{sweep: {cidrs: [127.0.0.0/20], exclude: [127.0.1.0/24], ports: [" + ports + "], rate: 5000}}]");
  const std::string found = "127.0.0.1:" + std::to_string(speaker.port());
  EXPECT_TRUE(finding.wait_until([&] { return finding.targets() == Texts{found + " " + found + " localhost default"}; }));
  EXPECT_THAT(outside.seen(), IsEmpty());
  close(mute);
}

// TLS 1.2 is hung up on before there is a handshake; what speaks TLS 1.3 alone gets a whole one.
TEST_F(Live, SweepShakesHandsOnlyWhereAFirstLookSettlesNothing) {
  TlsPeerOptions options;
  options.identity = &world_.server;
  options.client = ClientCertificate::optional;  // a handshake without a certificate would be completed
  options.acceptable = {world_.authority.certificate.get()};
  const TlsPeer both(options);
  options.client = ClientCertificate::none;
  options.min_version = TLS1_3_VERSION;
  const TlsPeer alone(options);
  const Texts found = {"127.0.0.1:" + std::to_string(both.port()), "127.0.0.1:" + std::to_string(alone.port())};
  testing::internal::CaptureStderr();
  Finding finding(folder_.path(), "discovery: [{sweep: {cidrs: [127.0.0.1/32], ports: [" + std::to_string(both.port()) + ", " +
                                      std::to_string(alone.port()) + "]}}]");
  const bool all = finds(finding, found);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(all);
  // The next pass may have begun: there may be more than one connection.
  EXPECT_TRUE(both.wait_until([](const auto& seen) { return !seen.empty() && seen.front().ended; }));
  for (const SeenConnection& connection : both.seen()) EXPECT_FALSE(connection.handshake_completed);
  EXPECT_TRUE(alone.wait_until([](const auto& seen) { return seen.size() >= 2 && seen[1].handshake_completed; }));
  EXPECT_THAT(finding.targets(), Contains(found.front() + " " + found.front() + " localhost default"));
  EXPECT_THAT(log, testing::HasSubstr("a sweep has passed"));
  EXPECT_THAT(log, testing::HasSubstr("asking=1 not_asking=0 by_handshake=1"));
}

TEST_F(Live, SweepLooksAtNginx) {
  folder_.write("root.pem", pem(world_.authority.certificate.get()));
  folder_.write("server.pem", pem(world_.server.certificate.get()) + pem(world_.server.key.get()));
  const std::uint16_t asking = closed_port(), open = closed_port(), newest = closed_port(), plain = closed_port();
  const auto server = [](std::uint16_t port, const std::string& rest) {
    return "server { listen 127.0.0.1:" + std::to_string(port) + " " + rest + " }\n";
  };
  const std::string tls = "ssl; ssl_certificate server.pem; ssl_certificate_key server.pem; ssl_protocols ";
  folder_.write(
      "nginx.conf",
      "daemon off; master_process off; pid nginx.pid; error_log stderr; events {}\nhttp { access_log off;\n"
      "client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;\n" +
          server(asking, tls + "TLSv1.2 TLSv1.3; ssl_client_certificate root.pem; ssl_verify_client on;") +
          server(open, tls + "TLSv1.2;") + server(newest, tls + "TLSv1.3;") + server(plain, ";") + "}\n");
  const Process nginx({"nginx", "-e", "stderr", "-p", folder_.path(), "-c", folder_.path() + "/nginx.conf"},
                      folder_.path() + "/log");
  ASSERT_TRUE(nginx.listens(plain));
  std::string ports;
  for (const std::uint16_t port : {asking, open, newest, plain}) ports += (ports.empty() ? "" : ", ") + std::to_string(port);
  testing::internal::CaptureStderr();
  Finding finding(folder_.path(), "discovery: [{sweep: {cidrs: [127.0.0.1/32], ports: [" + ports + "]}}]");
  Texts found;
  for (const std::uint16_t port : {asking, open, newest}) found.push_back("127.0.0.1:" + std::to_string(port));
  const bool all = finds(finding, found);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(all);
  for (const std::string& target : finding.targets()) EXPECT_THAT(target, testing::HasSubstr(" localhost "));
  EXPECT_THAT(log, testing::HasSubstr("asking=1 not_asking=1 by_handshake=1"));
}

// Who greets on a well-known port is spoken to as its protocol has it, unless the module says what is spoken.
TEST_F(Live, SweepTriesTheDialogueOfAWellKnownPort) {
  TlsPeerOptions options;
  options.identity = &world_.server;
  options.before_handshake = {act::Send{"\"IMPLEMENTATION\" \"test\"\r\n\"STARTTLS\"\r\nOK\r\n"}, act::AwaitLine{},
                              act::Send{"OK\r\n"}};
  options.ip = "127.0.7.9";
  options.port = 4190;  // ManageSieve's
  const TlsPeer sieve(options);
  const std::string sweep = "discovery: [{sweep: {cidrs: [127.0.7.9/32], ports: [4190]}";
  Finding finding(folder_.path(), sweep + "}]");
  ASSERT_TRUE(finding.wait_until([&] { return finding.addresses() == Texts{"127.0.7.9:4190"}; }));
  EXPECT_EQ(finding.merged().targets.front()->module->protocol, "sieve");
  const std::size_t before = sieve.seen().size();
  Finding closed(folder_.path(), sweep + ", module: tls}]");
  EXPECT_TRUE(sieve.wait_until([&](const auto& seen) { return seen.size() > before && seen.back().ended; }));
  EXPECT_TRUE(closed.wait_until([&] { return closed.finder().looked_once(); }));
  EXPECT_THAT(closed.addresses(), IsEmpty());
}

// What Debian installs, and Debian's own example of a TLS server.
TEST_F(Live, DebiansOwnConfigurationsAreRead) {
  fs::create_directories(folder_.path() + "/sites");
  folder_.write("server.pem", pem(world_.server.certificate.get()) + pem(world_.server.key.get()));
  folder_.write("haproxy.cfg", "frontend orders\n  bind 127.0.0.1:8443 ssl crt " + folder_.path() +
                                   "/server.pem ca-file ca.pem verify required\n");
  Finding finding(folder_.path(),
                  "discovery: [{nginx: [/etc/nginx/nginx.conf]}, {haproxy: [/etc/haproxy/haproxy.cfg, haproxy.cfg]}]");
  EXPECT_TRUE(finding.wait_until(
      [&] { return finding.finder().looked_once() && finding.slot("nginx")->up && finding.slot("haproxy")->up; }));
  for (const char* name : {"nginx", "haproxy"})
    for (const auto& [reason, count] : finding.slot(name)->errors)
      EXPECT_EQ(count, 0u) << name << " " << probes::observations::word(reason);
  EXPECT_THAT(finding.targets(), Contains("orders 127.0.0.1:8443 localhost default"));
}

}  // namespace
}  // namespace exporter::discovery
