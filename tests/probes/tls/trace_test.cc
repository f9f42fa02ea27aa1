// What is noted of the messages: by a script, for messages that this OpenSSL may not send, and in real handshakes.
#include "probes/tls/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <asio/this_coro.hpp>

#include "probes/tls/context.h"
#include "probes/tls/session.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/tls_peer.h"

namespace probes::tls {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using Bytes = std::vector<unsigned char>;

// A handshake message: its type, a length of 24 bits, the body.
Bytes message(unsigned char type, const Bytes& body) {
  Bytes bytes(4 + body.size());
  bytes[0] = type;
  bytes[2] = static_cast<unsigned char>(body.size() >> 8);
  bytes[3] = static_cast<unsigned char>(body.size());
  std::copy(body.begin(), body.end(), bytes.begin() + 4);
  return bytes;
}

void say(Trace& trace, bool sent, const Bytes& bytes, int version = TLS1_3_VERSION) {
  note(trace, {.sent = sent, .content_type = SSL3_RT_HANDSHAKE, .bytes = bytes, .version = version});
}

// A CertificateRequest of TLS 1.3 with a context of so many bytes and no extension.
Bytes request(unsigned char context) {
  Bytes body = {context};
  body.resize(1u + context, 7);
  body.resize(body.size() + 2, 0);
  return message(SSL3_MT_CERTIFICATE_REQUEST, body);
}

// A CompressedCertificate (RFC 8879 4): zlib, the uncompressed length, some bytes.
Bytes compressed(unsigned int uncompressed_length) {
  return message(
      25, {0, 1, static_cast<unsigned char>(uncompressed_length >> 16), static_cast<unsigned char>(uncompressed_length >> 8),
           static_cast<unsigned char>(uncompressed_length), 0, 0, 2, 0x78, 0x9c});
}

TEST(Trace, ACompressedCertificateIsAnAnswerLikeAnyOther) {
  Trace trace;
  say(trace, false, request(0));
  EXPECT_FALSE(trace.certificate_answered);
  say(trace, true, compressed(700));
  EXPECT_TRUE(trace.certificate_answered);
  EXPECT_TRUE(trace.certificate_sent);
}

TEST(Trace, WhetherACompressedCertificateIsEmptyIsToldByItsUncompressedLength) {
  Trace trace;
  say(trace, false, request(0));
  say(trace, true, compressed(4));
  EXPECT_TRUE(trace.certificate_answered);
  EXPECT_FALSE(trace.certificate_sent);
  say(trace, true, compressed(5));
  EXPECT_TRUE(trace.certificate_sent);
  say(trace, true, compressed(0x010004));
  EXPECT_TRUE(trace.certificate_sent);
}

// RFC 8446 4.4.2: after the handshake the request has a context, and our message repeats it.
TEST(Trace, TheRequestsContextIsNoCertificate) {
  Trace trace;
  say(trace, false, request(32));
  say(trace, true, compressed(36));
  EXPECT_FALSE(trace.certificate_sent);
  say(trace, true, compressed(37));
  EXPECT_TRUE(trace.certificate_sent);
  say(trace, false, request(0));
  say(trace, true, compressed(36));
  EXPECT_TRUE(trace.certificate_sent);
}

TEST(Trace, WhatFollowsACompressedCertificateIsAJudgementOnIt) {
  Trace trace;
  trace.complete = true;
  say(trace, false, message(SSL3_MT_NEWSESSION_TICKET, {0}));
  say(trace, false, request(32));
  say(trace, true, compressed(700));
  EXPECT_FALSE(trace.tls_accepted());
  say(trace, false, message(SSL3_MT_NEWSESSION_TICKET, {0}));
  EXPECT_TRUE(trace.tls_accepted());
}

TEST(Trace, AnUncompressedCertificateIsEmptyWhenItsListIs) {
  Trace trace;
  say(trace, true, message(SSL3_MT_CERTIFICATE, {0, 0, 0, 0}));
  EXPECT_TRUE(trace.certificate_answered);
  EXPECT_FALSE(trace.certificate_sent);
  say(trace, true, message(SSL3_MT_CERTIFICATE, {0, 0, 0, 9, 1}));
  EXPECT_TRUE(trace.certificate_sent);
  say(trace, true, message(SSL3_MT_CERTIFICATE, {0, 0, 0}), TLS1_2_VERSION);
  EXPECT_FALSE(trace.certificate_sent);
  say(trace, true, message(SSL3_MT_CERTIFICATE, {0, 0, 9, 1}), TLS1_2_VERSION);
  EXPECT_TRUE(trace.certificate_sent);
}

TEST(Trace, AnotherMessageOfOursIsNoAnswer) {
  Trace trace;
  say(trace, false, request(0));
  say(trace, true, message(SSL3_MT_FINISHED, {1, 2, 3}));
  EXPECT_FALSE(trace.certificate_answered);
}

// OpenSSL 3.2 and later can compress; this exporter tells it not to. `compressing` takes that back.
struct Live {
  bool compressing = false;
  const Issued* client = nullptr;  // null: none
  std::vector<Act> after_handshake = {act::CloseNotify{}};
  ClientCertificate asked = ClientCertificate::optional;
};

asio::awaitable<Trace> met(const TlsPeer& peer, const Live& live) {
  const auto until = std::chrono::steady_clock::now() + 10s;
  net::Socket socket(co_await asio::this_coro::executor, until);
  co_await socket.connect({asio::ip::address_v4::loopback(), peer.port()}, until);
  IdentityPtr identity;
  if (live.client != nullptr) identity = Identity::of("client", {live.client->certificate.get()}, live.client->key.get());
  const auto made = make_context({}, identity.get());
  SSL_CTX* context = std::get<Ptr<SSL_CTX>>(made).get();
  if (live.compressing) SSL_CTX_clear_options(context, SSL_OP_BIT(32) | SSL_OP_BIT(33));
  Session session(socket, context, "localhost", nullptr);
  net::End end = co_await session.handshake();
  while (end == net::End::ok) end = co_await session.listen(until);
  co_return session.trace();
}

struct Met {
  Trace trace;
  bool compressed = false;  // as the server saw it
};

Met met(const Live& live) {
  TlsPeerOptions options;
  options.client = live.asked;
  options.after_handshake = live.after_handshake;
  const TlsPeer peer(options);
  const Trace trace = run(met(peer, live));
  EXPECT_TRUE(peer.wait_until([](const auto& seen) { return seen.size() == 1 && seen[0].ended; }));
  return {trace, peer.seen().at(0).compressed};
}

bool this_openssl_compresses() { return OpenSSL_version_num() >= 0x30200000UL; }

TEST(Trace, OurCertificateIsSeenToLeaveInWhateverMessage) {
  const Issued client = issue({.common_name = "client"});
  for (const bool compressing : {false, true}) {
    const auto [trace, compressed] = met({.compressing = compressing, .client = &client});
    EXPECT_TRUE(trace.certificate_answered);
    EXPECT_TRUE(trace.certificate_sent);
    EXPECT_TRUE(trace.tls_accepted());
    EXPECT_EQ(compressed, compressing && this_openssl_compresses());
  }
}

TEST(Trace, AnEmptyCertificateIsSeenToBeEmptyInWhateverMessage) {
  for (const bool compressing : {false, true}) {
    const Trace trace = met({.compressing = compressing}).trace;
    EXPECT_TRUE(trace.certificate_answered);
    EXPECT_FALSE(trace.certificate_sent);
  }
}

TEST(Trace, AfterTheHandshakeTheSame) {
  const Issued client = issue({.common_name = "client"});
  for (const bool compressing : {false, true})
    for (const Issued* sent : {static_cast<const Issued*>(nullptr), &client}) {
      const Trace trace = met({.compressing = compressing,
                               .client = sent,
                               .after_handshake = {act::RequestLater{}, act::CloseNotify{}},
                               .asked = ClientCertificate::none})
                              .trace;
      EXPECT_TRUE(trace.requested_late);
      EXPECT_TRUE(trace.certificate_answered);
      EXPECT_EQ(trace.certificate_sent, sent != nullptr);
    }
}

}  // namespace
}  // namespace probes::tls
