#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/proxy/tunnel.h"
#include "tests/support/scripted_stream.h"

namespace probes::proxy {
namespace {

using namespace tests::support;
using observations::Reason;
using observations::Stage;
using testing::HasSubstr;

Request a_request() { return {.host = "inner.estate.test", .port = 8443, .username = "", .password = "", .headers = {}}; }

Answer asked(ScriptedStream& stream, Request request = a_request()) { return run(http_connect(stream, std::move(request))); }

Answer answered(const std::string& text, net::End end = net::End::closed) {
  ScriptedStream stream({text}, end);
  return asked(stream);
}

TEST(HttpConnect, AsksByNameAndTakesConsent) {
  ScriptedStream stream({"HTTP/1.1 200 Connection established\r\n\r\n"});
  EXPECT_EQ(asked(stream).result, Answer::Result::connected);
  EXPECT_EQ(stream.written, "CONNECT inner.estate.test:8443 HTTP/1.1\r\nHost: inner.estate.test:8443\r\n\r\n");
}

TEST(HttpConnect, WritesAnAddressOfIpv6InBrackets) {
  ScriptedStream stream({"HTTP/1.1 200 OK\r\n\r\n"});
  Request request = a_request();
  request.host = "2001:db8::1";
  EXPECT_EQ(asked(stream, request).result, Answer::Result::connected);
  EXPECT_THAT(stream.written, HasSubstr("CONNECT [2001:db8::1]:8443 "));
}

TEST(HttpConnect, LogsInWithBasicAuthenticationAndSendsHeaders) {
  ScriptedStream stream({"HTTP/1.1 200 OK\r\n\r\n"});
  Request request = a_request();
  request.username = "watcher";
  request.password = "secret";
  request.headers = {{"X-Reason", "monitoring"}};
  (void)asked(stream, request);
  EXPECT_THAT(stream.written, HasSubstr("\r\nProxy-Authorization: Basic d2F0Y2hlcjpzZWNyZXQ=\r\n"));
  EXPECT_THAT(stream.written, HasSubstr("\r\nX-Reason: monitoring\r\n"));
}

// A mail server greets at once: what follows the proxy's consent is the server's.
TEST(HttpConnect, ReadsNotOneByteMoreThanTheAnswer) {
  for (const char* head : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\nVia: 1.1 proxy\r\n\r\n", "HTTP/1.1 200 OK\n\n",
                           "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}) {
    ScriptedStream stream({std::string(head) + "220 mail ESMTP\r\n"});
    EXPECT_EQ(asked(stream).result, Answer::Result::connected) << head;
    std::array<char, 64> rest{};
    const net::Transfer left = run(stream.read_some(rest));
    EXPECT_EQ(std::string(rest.data(), left.bytes), "220 mail ESMTP\r\n") << head;
  }
}

TEST(HttpConnect, TellsRefusalsApart) {
  EXPECT_EQ(answered("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").result, Answer::Result::needs_login);
  EXPECT_EQ(answered("HTTP/1.1 403 Forbidden\r\n\r\n").result, Answer::Result::refused);
  EXPECT_EQ(answered("HTTP/1.1 400 Bad Request\r\n\r\n").result, Answer::Result::refused);
  for (const char* status : {"500", "502", "503", "504"})
    EXPECT_EQ(answered("HTTP/1.1 " + std::string(status) + " Sorry\r\n\r\n").result, Answer::Result::cannot_reach) << status;
}

TEST(HttpConnect, QuotesTheStatusLineAndWhatSquidSays) {
  EXPECT_EQ(answered("HTTP/1.1 503 Service Unavailable\r\nServer: squid\r\nX-Squid-Error: ERR_CONNECT_FAIL 111\r\n\r\n").said,
            "HTTP/1.1 503 Service Unavailable (ERR_CONNECT_FAIL 111)");
}

// A refusal needs no end, consent does.
TEST(HttpConnect, TakesNoHalfConsent) {
  EXPECT_EQ(answered("HTTP/1.1 403 Forbidden\r\nVia: ").result, Answer::Result::refused);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nVia: ").result, Answer::Result::ended);
}

TEST(HttpConnect, KnowsWhatIsNoHttp) {
  EXPECT_EQ(answered("SSH-2.0-OpenSSH_9.2\r\n").result, Answer::Result::malformed);
  EXPECT_EQ(answered("HTTP/1.1 abc\r\n\r\n").result, Answer::Result::malformed);
  EXPECT_EQ(answered("HTTP/1.1\r\n\r\n").result, Answer::Result::malformed);
}

TEST(HttpConnect, StopsAtAnAnswerWithoutEnd) {
  std::deque<std::string> pieces{"HTTP/1.1 200 OK\r\n"};
  for (int i = 0; i < 40; ++i) pieces.push_back("X: " + std::string(1020, 'a') + "\r\n");
  ScriptedStream stream(pieces);
  const Answer answer = asked(stream);
  EXPECT_EQ(answer.result, Answer::Result::ended);
  EXPECT_EQ(explain(answer).reason, Reason::proxy_protocol);
}

TEST(ProxyAnswer, IsOfStageProxyWhateverItIs) {
  const auto reason = [](Answer answer) {
    const auto failure = explain(answer);
    EXPECT_EQ(failure.stage, Stage::proxy);
    return failure.reason;
  };
  EXPECT_EQ(reason({.result = Answer::Result::refused}), Reason::proxy_refused);
  EXPECT_EQ(reason({.result = Answer::Result::needs_login}), Reason::proxy_authentication);
  EXPECT_EQ(reason({.result = Answer::Result::cannot_reach}), Reason::proxy_target_unreachable);
  EXPECT_EQ(reason({.result = Answer::Result::malformed}), Reason::proxy_protocol);
  EXPECT_EQ(reason({.result = Answer::Result::ended, .end = net::End::too_late}), Reason::proxy_timeout);
  EXPECT_EQ(reason({.result = Answer::Result::ended, .end = net::End::reset}), Reason::proxy_protocol);
  EXPECT_EQ(reason({.result = Answer::Result::ended, .end = net::End::closed}), Reason::proxy_protocol);
}

}  // namespace
}  // namespace probes::proxy
