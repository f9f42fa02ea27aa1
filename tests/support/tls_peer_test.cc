#include "tests/support/tls_peer.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "tests/support/sealed_alert.h"

namespace tests::support {
namespace {

using probes::tls::Ptr;

// The plainest client there is: what did SSL_connect and the reads after it end in?
class Client {
 public:
  explicit Client(const TlsPeer& peer, const Issued* identity = nullptr) : context_(SSL_CTX_new(TLS_client_method())) {
    std::signal(SIGPIPE, SIG_IGN);
    if (identity) SSL_CTX_use_certificate(context_.get(), identity->certificate.get());
    if (identity) SSL_CTX_use_PrivateKey(context_.get(), identity->key.get());
    SSL_CTX_set_post_handshake_auth(context_.get(), 1);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(peer.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_);
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_info_callback(ssl_.get(), [](const SSL* ssl, int where, int value) {
      if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) static_cast<Client*>(SSL_get_app_data(ssl))->alert_ = value & 0xFF;
    });
    SSL_set_tlsext_host_name(ssl_.get(), "peer.example");
  }
  ~Client() { close(socket_); }

  bool connect() { return SSL_connect(ssl_.get()) == 1; }
  void write(const std::string& text) { SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())); }
  std::string read_to_the_end() {
    std::string all;
    char buffer[1024];
    for (int size; (size = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0;) all.append(buffer, static_cast<std::size_t>(size));
    return all;
  }
  std::string read_raw() {
    char buffer[1024];
    const ssize_t size = recv(socket_, buffer, sizeof buffer, 0);
    return size < 0 ? std::strerror(errno) : std::string(buffer, static_cast<std::size_t>(size));
  }
  int alert() const { return alert_; }  // the last that came; -1: none
  SSL* ssl() { return ssl_.get(); }

 private:
  Ptr<SSL_CTX> context_;
  Ptr<SSL> ssl_;
  int socket_ = -1;
  int alert_ = -1;
};

class Peer : public testing::TestWithParam<int> {
 protected:
  // Options for the version of this run.
  TlsPeerOptions options() const { return {.min_version = GetParam(), .max_version = GetParam()}; }

  Issued root = tests::support::root();
  Issued friendly = issue({.common_name = "friend"}, &root);
  Issued stranger = issue({.common_name = "stranger"});
};

INSTANTIATE_TEST_SUITE_P(Versions, Peer, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

TEST_P(Peer, AnswersHttpAndRemembersTheClient) {
  TlsPeerOptions wanted = options();
  wanted.client = ClientCertificate::required;
  wanted.client_anchor = root.certificate.get();
  wanted.alpn = {"http/1.1"};
  wanted.after_handshake = answer_http("HTTP/1.1 204 No Content\r\n\r\n");
  const TlsPeer peer(std::move(wanted));
  Client client(peer, &friendly);
  SSL_set_alpn_protos(client.ssl(), reinterpret_cast<const unsigned char*>("\x08http/1.1"), 9);
  ASSERT_TRUE(client.connect());
  client.write("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read_to_the_end(), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(client.alert(), 0);  // close_notify
  const SeenConnection seen = peer.seen().at(0);
  EXPECT_TRUE(seen.handshake_completed);
  EXPECT_EQ(seen.client_subject, "CN=friend");
  EXPECT_EQ(seen.server_name, "peer.example");
  EXPECT_EQ(seen.alpn, "http/1.1");
  EXPECT_EQ(seen.application, "GET / HTTP/1.1\r\n\r\n");
}

TEST_P(Peer, RefusesAStrangerWithOpensslsAlert) {
  TlsPeerOptions wanted = options();
  wanted.client = ClientCertificate::required;
  wanted.client_anchor = root.certificate.get();
  const TlsPeer peer(std::move(wanted));
  Client client(peer, &stranger);
  EXPECT_EQ(client.connect(), GetParam() == TLS1_3_VERSION) << "in TLS 1.3 the client is done before the server has judged";
  client.read_to_the_end();
  EXPECT_EQ(client.alert(), SSL_AD_UNKNOWN_CA);
  EXPECT_EQ(peer.seen().at(0).client_subject, "CN=stranger");
}

TEST_P(Peer, RefusesWithAnyAlertStrangerAndAnonymous) {
  TlsPeerOptions wanted = options();
  wanted.client = ClientCertificate::required;
  wanted.client_anchor = root.certificate.get();
  wanted.refusal = act::Alert{49};
  const TlsPeer peer(std::move(wanted));
  for (const Issued* identity : {static_cast<const Issued*>(nullptr), static_cast<const Issued*>(&stranger)}) {
    Client client(peer, identity);
    EXPECT_EQ(client.connect(), GetParam() == TLS1_3_VERSION);
    client.read_to_the_end();
    EXPECT_EQ(client.alert(), 49);
  }
}

TEST_P(Peer, RefusesByClosingWithoutAWord) {
  TlsPeerOptions wanted = options();
  wanted.client = ClientCertificate::required;
  wanted.client_anchor = root.certificate.get();
  wanted.refusal = act::Close{};
  const TlsPeer peer(std::move(wanted));
  Client client(peer, &stranger);
  client.connect();
  client.read_to_the_end();
  EXPECT_EQ(client.alert(), -1);
}

TEST_P(Peer, RefusesByAReset) {
  TlsPeerOptions wanted = options();
  wanted.client = ClientCertificate::required;
  wanted.client_anchor = root.certificate.get();
  wanted.refusal = act::Reset{};
  const TlsPeer peer(std::move(wanted));
  Client client(peer, &stranger);
  if (client.connect()) client.read_to_the_end();
  EXPECT_EQ(errno, ECONNRESET);
  EXPECT_EQ(client.alert(), -1);
}

TEST_P(Peer, AnOptionalDoorLetsTheAnonymousIn) {
  TlsPeerOptions wanted = options();
  wanted.client = ClientCertificate::optional;
  wanted.client_anchor = root.certificate.get();
  wanted.after_handshake = {act::Send{"welcome"}, act::CloseNotify{}};
  const TlsPeer peer(std::move(wanted));
  Client client(peer);
  ASSERT_TRUE(client.connect());
  EXPECT_EQ(client.read_to_the_end(), "welcome");
}

TEST_P(Peer, SendsAFatalAlertAfterTheHandshake) {
  for (const int number : {42, 80, 116, 200}) {
    TlsPeerOptions wanted = options();
    wanted.after_handshake = {act::Send{"some"}, act::Send{" words"}, act::Alert{static_cast<std::uint8_t>(number)}};
    const TlsPeer peer(std::move(wanted));
    Client client(peer);
    ASSERT_TRUE(client.connect());
    EXPECT_EQ(client.read_to_the_end(), "some words");
    EXPECT_EQ(client.alert(), number);
  }
}

TEST_P(Peer, ResetsAfterTheHandshake) {
  TlsPeerOptions wanted = options();
  wanted.after_handshake = {act::Reset{}};
  const TlsPeer peer(std::move(wanted));
  Client client(peer);
  client.connect();
  client.read_to_the_end();
  EXPECT_TRUE(errno == ECONNRESET || errno == EPIPE) << std::strerror(errno);
  EXPECT_EQ(client.alert(), -1);
}

TEST_P(Peer, ListsTheAcceptableAuthorities) {
  TlsPeerOptions wanted = options();
  wanted.client = ClientCertificate::optional;
  wanted.acceptable = {root.certificate.get(), stranger.certificate.get()};
  const TlsPeer peer(std::move(wanted));
  Client client(peer);
  ASSERT_TRUE(client.connect());
  EXPECT_EQ(sk_X509_NAME_num(SSL_get0_peer_CA_list(client.ssl())), 2);
}

TEST_P(Peer, EndsWhileAClientHangsOn) {
  auto peer = std::make_unique<TlsPeer>(options());
  Client client(*peer);
  ASSERT_TRUE(client.connect());
  peer.reset();
  EXPECT_EQ(client.read_to_the_end(), "");
}

TEST_P(Peer, FloodsUntilTheClientGoes) {
  TlsPeerOptions wanted = options();
  wanted.after_handshake = {act::FloodData{}};
  const TlsPeer peer(std::move(wanted));
  {
    Client client(peer);
    ASSERT_TRUE(client.connect());
    char buffer[1024];
    for (int round = 0; round < 100; ++round) EXPECT_EQ(SSL_read(client.ssl(), buffer, sizeof buffer), 1024);
  }
  EXPECT_TRUE(peer.wait_until([](const auto& seen) { return seen.at(0).ended; }));
}

TEST(TlsPeer, FloodsTickets) {
  const TlsPeer peer({.after_handshake = {act::FloodTickets{}}});
  {
    Client client(peer);
    static std::atomic<int> tickets;
    tickets = 0;
    SSL_CTX_set_session_cache_mode(SSL_get_SSL_CTX(client.ssl()), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(SSL_get_SSL_CTX(client.ssl()), [](SSL* ssl, SSL_SESSION*) {
      if (++tickets == 100) shutdown(SSL_get_fd(ssl), SHUT_RDWR);
      return 0;
    });
    ASSERT_TRUE(client.connect());
    client.read_to_the_end();
    EXPECT_GE(tickets, 100);
  }
  EXPECT_TRUE(peer.wait_until([](const auto& seen) { return seen.at(0).ended; }));
}

TEST(TlsPeer, AsksForACertificateByRenegotiating) {
  const Issued root = tests::support::root();
  const Issued identity = issue({.common_name = "late"}, &root);
  const TlsPeer peer({.max_version = TLS1_2_VERSION,
                      .client_anchor = root.certificate.get(),
                      .after_handshake = {act::AwaitRequest{}, act::Renegotiate{}, act::Send{"let in"}, act::CloseNotify{}}});
  Client client(peer, &identity);
  ASSERT_TRUE(client.connect());
  client.write("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read_to_the_end(), "let in");
  EXPECT_EQ(peer.seen().at(0).client_subject, "CN=late");
}

TEST(TlsPeer, AsksForACertificateAfterTheHandshake) {
  const Issued root = tests::support::root();
  const Issued identity = issue({.common_name = "late"}, &root);
  const TlsPeer peer({.client_anchor = root.certificate.get(),
                      .after_handshake = {act::AwaitRequest{}, act::RequestLater{}, act::Send{"let in"}, act::CloseNotify{}}});
  Client client(peer, &identity);
  ASSERT_TRUE(client.connect());
  client.write("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read_to_the_end(), "let in");
  EXPECT_EQ(peer.seen().at(0).client_subject, "CN=late");
}

TEST(TlsPeer, PlaysRawServers) {
  const TlsPeer peer({.before_handshake = {act::Trickle{"SSH-2.0", std::chrono::milliseconds(1)}, act::Close{}}});
  Client client(peer);
  std::string all;
  for (std::string some; !(some = client.read_raw()).empty();) all += some;
  EXPECT_EQ(all, "SSH-2.0");
}

TEST(TlsPeer, AlertsAtTheClientHello) {
  const TlsPeer peer({.before_handshake = {act::AwaitBytes{}, act::Alert{112}}});
  Client client(peer);
  EXPECT_FALSE(client.connect());
  EXPECT_EQ(client.alert(), 112);
  EXPECT_FALSE(peer.seen().at(0).handshake_completed);
}

TEST(TlsPeer, ResetsOnAccept) {
  const TlsPeer peer({.before_handshake = {act::Reset{}}});
  Client client(peer);
  EXPECT_EQ(client.read_raw(), std::strerror(ECONNRESET));
}

}  // namespace
}  // namespace tests::support
