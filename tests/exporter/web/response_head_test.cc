#include "exporter/web/response_head.h"

#include <gtest/gtest.h>

namespace exporter::web {
namespace {

constexpr probes::observations::WallTime example{std::chrono::seconds(784111777)};  // RFC 9110 5.6.7's

TEST(ResponseHead, SaysWhatHttpAsksFor) {
  EXPECT_EQ(response_head({.status = 404, .headers = {{"Allow", "GET"}}, .body = "abc"}, Framing::length,
                          {{"X-Frame-Options", "deny"}}, example),
            "HTTP/1.1 404 Not Found\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 3\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Allow: GET\r\n"
            "X-Frame-Options: deny\r\n"
            "Connection: close\r\n\r\n");
}

TEST(ResponseHead, LeavesOutAHeaderThatWouldAddOthers) {
  const std::string head =
      response_head({.headers = {{"Location", "/a\r\nSet-Cookie: b"}, {"X\r\nY", "z"}}}, Framing::length, {}, example);
  EXPECT_EQ(head.find("Set-Cookie"), std::string::npos);
  EXPECT_EQ(head.find("\nY"), std::string::npos);
}

TEST(ResponseHead, SaysNosniffOnce) {
  const std::string head = response_head({}, Framing::length, {{"X-Content-Type-Options", "nosniff"}}, example);
  EXPECT_EQ(head.find("nosniff"), head.rfind("nosniff"));
}

TEST(ResponseHead, OfManyPiecesHasNoLength) {
  const Response response{.body = Body(pieces_of("abc"))};
  EXPECT_EQ(framing_of(response.body, false), Framing::length) << "one piece, although it came as pieces";
  const Response two{.body = Body([left = 2]() mutable { return left-- > 0 ? std::string_view("abc") : std::string_view(); })};
  EXPECT_EQ(framing_of(two.body, false), Framing::chunked);
  EXPECT_EQ(framing_of(two.body, true), Framing::until_close) << "HTTP/1.0 knows no chunks";
  const std::string chunked = response_head(two, Framing::chunked, {}, example);
  EXPECT_NE(chunked.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(chunked.find("Content-Length"), std::string::npos);
  const std::string until_close = response_head(two, Framing::until_close, {}, example);
  EXPECT_EQ(until_close.find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(until_close.find("Content-Length"), std::string::npos);
}

}  // namespace
}  // namespace exporter::web
