// The probe against a scripted SQL Server: a gateway that speaks TDS 7 as MS-TDS has it, in front of a real TLS server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <thread>

#include "tests/support/probing.h"
#include "tests/support/tls_peer.h"

namespace probes {
namespace {

using namespace std::literals;
using namespace tests::support;
using asio::ip::tcp;
using observations::Handshake;
using observations::Verdict;

// Takes connections one after another. MS-TDS 3.3.5.1: after PRELOGIN each piece of the handshake comes and goes as a PRELOGIN
// packet; from the first octet that is no packet's the client has finished its side.
class SqlServer {
 public:
  SqlServer(std::uint16_t behind, char encryption)
      : behind_(behind),
        encryption_(encryption),
        acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}),
        thread_([this] { serve(); }) {}
  ~SqlServer() {
    shutdown(acceptor_.native_handle(), SHUT_RDWR);
    thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void serve() {
    for (;;) {
      asio::error_code error;
      tcp::socket client(loop_), server(loop_);
      acceptor_.accept(client, error);
      if (error) return;
      if (!prelogin(client)) continue;
      server.connect({asio::ip::address_v4::loopback(), behind_}, error);
      relay(client, server);
    }
  }

  static std::string packet(char type, const std::string& payload) {
    const std::size_t length = payload.size() + 8;
    return std::string{type, '\1', static_cast<char>(length >> 8), static_cast<char>(length & 0xff)} + std::string(4, '\0') +
           payload;
  }

  static bool read_packet(tcp::socket& from, std::string& payload, char first = 0) {
    asio::error_code error;
    std::string head(8, '\0');
    head[0] = first;
    const std::size_t had = first == 0 ? 0 : 1;
    asio::read(from, asio::buffer(head.data() + had, head.size() - had), error);
    if (error || head[0] != '\x12') return false;
    const std::size_t length = static_cast<unsigned char>(head[2]) * 256u + static_cast<unsigned char>(head[3]);
    if (length < 8) return false;
    payload.resize(length - 8);
    asio::read(from, asio::buffer(payload), error);
    return !error;
  }

  bool prelogin(tcp::socket& client) const {
    std::string question;
    if (!read_packet(client, question)) return false;
    const std::string options = "\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff"s + std::string(6, '\x0f') + encryption_;
    asio::error_code error;
    asio::write(client, asio::buffer(packet('\x04', options)), error);
    return !error && encryption_ != 2;
  }

  static void relay(tcp::socket& client, tcp::socket& server) {
    bool wrapped = true;
    for (;;) {
      pollfd both[] = {{client.native_handle(), POLLIN, 0}, {server.native_handle(), POLLIN, 0}};
      if (poll(both, 2, 10'000) <= 0) return;
      std::string bytes(16384, '\0');
      if (both[0].revents != 0) {
        const ssize_t came = recv(client.native_handle(), bytes.data(), wrapped ? 1 : bytes.size(), 0);
        if (came <= 0) return;
        bytes.resize(static_cast<std::size_t>(came));
        if (wrapped && bytes[0] == '\x12') {
          const char first = bytes[0];
          if (!read_packet(client, bytes, first)) return;
        } else {
          wrapped = false;
        }
        asio::error_code error;
        asio::write(server, asio::buffer(bytes), error);
        if (error) return;
      }
      if (both[1].revents != 0) {
        const ssize_t came = recv(server.native_handle(), bytes.data(), 4000, 0);
        if (came <= 0) return;
        bytes.resize(static_cast<std::size_t>(came));
        asio::error_code error;
        asio::write(client, asio::buffer(wrapped ? packet('\x12', bytes) : bytes), error);
        if (error) return;
      }
    }
  }

  const std::uint16_t behind_;
  const char encryption_;
  asio::io_context loop_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

class Mssql : public testing::TestWithParam<int> {
 protected:
  TlsPeerOptions picky() const {
    return {.identity = &world_.server,
            .min_version = GetParam(),
            .max_version = GetParam(),
            .client = ClientCertificate::required,
            .client_anchor = world_.authority.certificate.get()};
  }

  Handshake probe(std::uint16_t port, tls::IdentityPtr identity) const {
    Probing probing{.port = port, .identity = std::move(identity)};
    probing.module.protocol = "mssql";
    return probe_once(world_, probing);
  }

  World world_;
};

TEST_P(Mssql, TheHandshakeTravelsInPacketsInEveryModeThatEncrypts) {
  for (const char mode : {'\0', '\1', '\3'}) {
    const TlsPeer server(picky());
    const SqlServer front(server.port(), mode);
    const Handshake seen = probe(front.port(), world_.identity());
    EXPECT_EQ(outcome(seen), "ok") << int{mode};
    EXPECT_EQ(seen.client.verdict, Verdict::accepted);
    EXPECT_EQ(seen.certificates.size(), 2u);
    EXPECT_TRUE(seen.chain && seen.chain->valid);
    EXPECT_GT(seen.phases.dialogue, 0ns);
  }
}

TEST_P(Mssql, ARefusalIsSeenThroughThePackets) {
  const TlsPeer server(picky());
  const SqlServer front(server.port(), 1);
  const Issued other = root("Other CA");
  const Issued rogue = issue({.common_name = "rogue", .names = {}, .extended_key_usage = "clientAuth"}, &other);
  const Handshake seen = probe(front.port(), tls::Identity::of("rogue", {rogue.certificate.get()}, rogue.key.get()));
  EXPECT_EQ(outcome(seen), "client_certificate/unknown_ca 48");
  EXPECT_EQ(seen.client.verdict, Verdict::rejected);
}

INSTANTIATE_TEST_SUITE_P(Versions, Mssql, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST(MssqlServer, ThatDoesNotEncryptRefuses) {
  const World world;
  const SqlServer front(closed_port(), 2);
  Probing probing{.port = front.port()};
  probing.module.protocol = "mssql";
  EXPECT_EQ(outcome(probe_once(world, probing)), "starttls/starttls_refused");
}

}  // namespace
}  // namespace probes
