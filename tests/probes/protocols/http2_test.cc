#include "probes/protocols/http2.h"

#include <gtest/gtest.h>

#include "probes/protocols/http1.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using net::End;
using tests::support::run;
using tests::support::ScriptedStream;

// RFC 9113 4.1: length, type, flags, stream, payload.
std::string frame(int type, int flags, int stream, const std::string& payload) {
  const auto byte = [](std::size_t value) { return static_cast<char>(value & 0xff); };
  return std::string{byte(payload.size() >> 16),
                     byte(payload.size() >> 8),
                     byte(payload.size()),
                     byte(static_cast<std::size_t>(type)),
                     byte(static_cast<std::size_t>(flags)),
                     0,
                     0,
                     0,
                     byte(static_cast<std::size_t>(stream))} +
         payload;
}

constexpr int data = 0, headers = 1, reset = 3, settings = 4;
constexpr int end_stream = 1, end_headers = 4;
const std::string status_200 = "\x88";                              // RFC 7541 appendix A, index 8
const std::string status_404 = "\x8d";                              // index 13
const std::string status_403 = std::string("\x48\x03", 2) + "403";  // literal value for the name at index 8

Question question() {
  return {.host = "a.example", .alpn = "h2", .method = "GET", .path = "/health", .headers = {{"X-Probe", "1"}}};
}

TEST(Http2, BeginsWithThePrefaceAndReadsTheStatus) {
  ScriptedStream stream({frame(settings, 0, 0, "") + frame(headers, end_stream | end_headers, 1, status_200)});
  const Answer answer = run(http2(stream, question()));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.end, End::ok);
  EXPECT_TRUE(stream.written.starts_with("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
}

TEST(Http2, KeepsTheBeginningOfTheBody) {
  ScriptedStream stream(
      {frame(settings, 0, 0, ""), frame(headers, end_headers, 1, status_404), frame(data, end_stream, 1, "not here")});
  const Answer answer = run(http2(stream, question()));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.text, "not here");
}

TEST(Http2, ReadsFramesInPieces) {
  const std::string whole = frame(settings, 0, 0, "") + frame(headers, end_stream | end_headers, 1, status_403);
  std::deque<std::string> bytes;
  for (const char c : whole) bytes.emplace_back(1, c);
  ScriptedStream stream(bytes);
  EXPECT_EQ(run(http2(stream, question())).status, 403);
}

TEST(Http2, ALongBodyIsNotReadToItsEnd) {
  ScriptedStream stream(
      {frame(settings, 0, 0, ""), frame(headers, end_headers, 1, status_200), frame(data, 0, 1, std::string(8000, 'x'))},
      End::too_late);
  EXPECT_EQ(run(http2(stream, question())).text.size(), answer_text_limit);
}

TEST(Http2, WhatIsNoHttp2IsMalformed) {
  ScriptedStream stream({"HTTP/1.1 200 OK\r\n\r\n"});
  const Answer answer = run(http2(stream, question()));
  EXPECT_TRUE(answer.malformed);
  EXPECT_FALSE(answer.status);
}

TEST(Http2, AStreamThatIsResetIsAnAnswerWithoutAStatus) {
  ScriptedStream stream({frame(settings, 0, 0, ""), frame(reset, 0, 1, std::string("\0\0\0\x07", 4))});
  const Answer answer = run(http2(stream, question()));
  EXPECT_TRUE(answer.refused_stream);
  EXPECT_FALSE(answer.malformed);
  EXPECT_FALSE(answer.status);
}

TEST(Http2, TheEndOfTheStreamIsKeptWhenNoAnswerCame) {
  for (const End end : {End::closed, End::reset, End::too_late, End::failed}) {
    ScriptedStream stream({}, end);
    EXPECT_EQ(run(http2(stream, question())).end, end);
  }
}

}  // namespace
}  // namespace probes::protocols
