#include "exporter/web/response_head.h"

#include <gtest/gtest.h>

namespace exporter::web {
namespace {

constexpr std::chrono::system_clock::time_point example{std::chrono::seconds(784111777)};  // RFC 9110 5.6.7's

TEST(ResponseHead, SaysWhatHttpAsksFor) {
  EXPECT_EQ(response_head({.status = 404, .headers = {{"Allow", "GET"}}, .body = "abc"}, {{"X-Frame-Options", "deny"}}, example),
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
  const std::string head = response_head({.headers = {{"Location", "/a\r\nSet-Cookie: b"}, {"X\r\nY", "z"}}}, {}, example);
  EXPECT_EQ(head.find("Set-Cookie"), std::string::npos);
  EXPECT_EQ(head.find("\nY"), std::string::npos);
}

TEST(ResponseHead, SaysNosniffOnce) {
  const std::string head = response_head({}, {{"X-Content-Type-Options", "nosniff"}}, example);
  EXPECT_EQ(head.find("nosniff"), head.rfind("nosniff"));
}

}  // namespace
}  // namespace exporter::web
