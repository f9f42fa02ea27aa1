#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/proxy/tunnel.h"
#include "tests/support/scripted_stream.h"

namespace probes::proxy {
namespace {

using namespace std::literals;
using namespace tests::support;
using testing::HasSubstr;

Request a_request(bool login = false) {
  return {
      .host = "inner.test", .port = 8443, .username = login ? "watcher" : "", .password = login ? "secret" : "", .headers = {}};
}

Answer asked(ScriptedStream& stream, Request request) { return run(socks5(stream, std::move(request))); }

const std::string no_login = "\x05\x00"s, login = "\x05\x02"s, welcome = "\x01\x00"s;
const std::string connected = "\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90"s;

TEST(Socks5, HandsTheNameToTheProxy) {
  ScriptedStream stream({no_login + connected});
  EXPECT_EQ(asked(stream, a_request()).result, Answer::Result::connected);
  EXPECT_EQ(stream.written, "\x05\x01\x00"s + "\x05\x01\x00\x03\x0ainner.test\x20\xfb"s);
}

TEST(Socks5, HandsAddressesOverAsAddresses) {
  ScriptedStream v4({no_login + connected}), v6({no_login + connected});
  Request request = a_request();
  request.host = "192.0.2.1";
  (void)asked(v4, request);
  EXPECT_THAT(v4.written, HasSubstr("\x05\x01\x00\x01\xc0\x00\x02\x01\x20\xfb"s));
  request.host = "2001:db8::1";
  (void)asked(v6, request);
  EXPECT_THAT(v6.written, HasSubstr("\x05\x01\x00\x04\x20\x01\x0d\xb8"s));
}

TEST(Socks5, LogsInOnlyWhereTheProxyAsksForIt) {
  ScriptedStream asks({login + welcome + connected}), does_not({no_login + connected});
  EXPECT_EQ(asked(asks, a_request(true)).result, Answer::Result::connected);
  EXPECT_THAT(asks.written, HasSubstr("\x01\x07watcher\x06secret"s));
  EXPECT_EQ(asked(does_not, a_request(true)).result, Answer::Result::connected);
  EXPECT_EQ(does_not.written.find("secret"), std::string::npos);
}

TEST(Socks5, TellsWhatIsWrongWithTheLogin) {
  ScriptedStream wants({"\x05\xff"s}), refuses({login + "\x01\x01"s}), hangs_up({login}), unasked({login});
  EXPECT_EQ(asked(wants, a_request()).result, Answer::Result::needs_login);
  EXPECT_EQ(asked(refuses, a_request(true)).result, Answer::Result::needs_login);
  EXPECT_EQ(asked(hangs_up, a_request(true)).result, Answer::Result::needs_login);
  EXPECT_EQ(asked(unasked, a_request()).result, Answer::Result::malformed);
}

TEST(Socks5, ReadsNotOneByteMoreThanTheReply) {
  for (const std::string& reply : {connected, "\x05\x00\x00\x03\x04name\x1f\x90"s, "\x05\x00\x00\x04"s + std::string(18, 'a')}) {
    ScriptedStream stream({no_login + reply + "220 mail ESMTP\r\n"});
    EXPECT_EQ(asked(stream, a_request()).result, Answer::Result::connected);
    std::array<char, 64> rest{};
    const net::Transfer left = run(stream.read_some(rest));
    EXPECT_EQ(std::string(rest.data(), left.bytes), "220 mail ESMTP\r\n");
  }
}

TEST(Socks5, TellsRefusalsApart) {
  const auto replied = [](char code) {
    ScriptedStream stream({no_login + "\x05"s + code + "\x00\x01"s});
    return asked(stream, a_request()).result;
  };
  for (const char code : {'\x02', '\x07', '\x08', '\x63'}) EXPECT_EQ(replied(code), Answer::Result::refused) << int{code};
  for (const char code : {'\x01', '\x03', '\x04', '\x05', '\x06'})
    EXPECT_EQ(replied(code), Answer::Result::cannot_reach) << int{code};
}

TEST(Socks5, KnowsWhatIsNoSocks) {
  ScriptedStream http({"HTTP/1.1 400 Bad Request\r\n\r\n"}), old({"\x00\x5b"s}), odd({no_login + "\x05\x00\x00\x09"s});
  EXPECT_EQ(asked(http, a_request()).result, Answer::Result::malformed);
  EXPECT_EQ(asked(old, a_request()).result, Answer::Result::malformed);
  EXPECT_EQ(asked(odd, a_request()).result, Answer::Result::malformed);
  ScriptedStream gone({no_login}, net::End::reset);
  EXPECT_EQ(asked(gone, a_request()).end, net::End::reset);
}

TEST(Socks5, HasNoRoomForLongNames) {
  ScriptedStream stream({});
  Request request = a_request();
  request.host = std::string(256, 'a');
  EXPECT_EQ(asked(stream, request).result, Answer::Result::refused);
  EXPECT_EQ(stream.written, "");
}

}  // namespace
}  // namespace probes::proxy
