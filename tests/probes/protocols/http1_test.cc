#include "probes/protocols/http1.h"

#include <gtest/gtest.h>

#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using net::End;
using tests::support::run;
using tests::support::ScriptedStream;

Question question() {
  return {.host = "a.example:8443", .alpn = "", .method = "GET", .path = "/health", .headers = {{"X-Probe", "1"}}};
}

TEST(Http1, AsksWithHostPathAndHeadersAndReadsTheStatus) {
  ScriptedStream stream({"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"});
  const Answer answer = run(http1(stream, question()));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.end, End::ok);
  EXPECT_TRUE(stream.written.starts_with("GET /health HTTP/1.1\r\nHost: a.example:8443\r\nX-Probe: 1\r\n")) << stream.written;
  EXPECT_NE(stream.written.find("Connection: close\r\n"), std::string::npos);
}

TEST(Http1, ReadsAnAnswerThatComesByteByByte) {
  const std::string whole = "HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nhello";
  std::deque<std::string> bytes;
  for (const char c : whole) bytes.emplace_back(1, c);
  ScriptedStream stream(bytes);
  const Answer answer = run(http1(stream, question()));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.text, "hello");
}

TEST(Http1, KeepsTheBeginningOfALongBodyAndReadsNoFurther) {
  ScriptedStream stream({"HTTP/1.1 200 OK\r\n\r\n", std::string(3000, 'a'), std::string(3000, 'b')}, End::too_late);
  const Answer answer = run(http1(stream, question()));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.text.size(), answer_text_limit);
}

TEST(Http1, AHugeContentLengthReservesNothing) {
  ScriptedStream stream({"HTTP/1.1 200 OK\r\nContent-Length: 40000000000\r\n\r\n", "hello"}, End::closed);
  const Answer answer = run(http1(stream, question()));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.text, "hello");
}

TEST(Http1, AHugeChunkReservesNothing) {
  ScriptedStream stream({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "fffffffff\r\nhello"}, End::closed);
  const Answer answer = run(http1(stream, question()));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.text, "hello");
}

TEST(Http1, AnAnswerThatIsNoHttpIsMalformed) {
  ScriptedStream stream({"SSH-2.0-OpenSSH_9.2\r\n"});
  const Answer answer = run(http1(stream, question()));
  EXPECT_TRUE(answer.malformed);
  EXPECT_FALSE(answer.status);
}

TEST(Http1, AnEndlessHeaderIsMalformed) {
  std::deque<std::string> pieces = {"HTTP/1.1 200 OK\r\n"};
  for (int i = 0; i < 40; ++i) pieces.push_back("X-" + std::string(4000, 'x') + ": y\r\n");
  ScriptedStream stream(pieces);
  EXPECT_TRUE(run(http1(stream, question())).malformed);
}

TEST(Http1, TheEndOfTheStreamIsKeptWhenNoAnswerCame) {
  for (const End end : {End::closed, End::reset, End::too_late, End::failed}) {
    ScriptedStream stream({}, end);
    EXPECT_EQ(run(http1(stream, question())).end, end);
  }
}

TEST(Http1, SkipsInterimAnswers) {
  ScriptedStream stream({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"});
  EXPECT_EQ(run(http1(stream, question())).status, 403);
}

}  // namespace
}  // namespace probes::protocols
