#include "exporter/web/request_reader.h"

#include <gtest/gtest.h>

namespace exporter::web {
namespace {

using State = RequestReader::State;

int status(const std::string& bytes) {
  RequestReader whole;
  RequestReader trickled;
  const State state = whole.take(bytes);
  State last = State::more;
  for (const char& byte : bytes) last = trickled.take({&byte, 1});
  EXPECT_EQ(state, last) << "whole and byte by byte differ for: " << bytes;
  if (state == State::more) return 0;
  return state == State::complete ? 200 : whole.refusal().status;
}

std::string head(const std::string& headers, const std::string& first = "GET / HTTP/1.1") {
  return first + "\r\nHost: a\r\n" + headers + "\r\n";
}

TEST(RequestReader, ReadsAScrape) {
  RequestReader reader;
  ASSERT_EQ(reader.take(head("Accept: text/plain\r\nX-A: 1\r\nx-a: 2\r\n", "GET /probe?target=a%3A1&x=1+2&x=3&flag HTTP/1.1")),
            State::complete);
  const Request& request = reader.request();
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.path, "/probe");
  EXPECT_EQ(request.parameter("target"), "a:1");
  EXPECT_EQ(request.parameter("x"), "1 2");
  EXPECT_EQ(request.query.count("x"), 2u);
  EXPECT_EQ(request.parameter("flag"), "");
  EXPECT_EQ(request.parameter("absent"), std::nullopt);
  EXPECT_EQ(request.header("accept"), "text/plain");
  EXPECT_EQ(request.header("x-a"), "1, 2");
}

TEST(RequestReader, WaitsForTheWholeHead) {
  EXPECT_EQ(status(""), 0);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\n"), 0);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
}

TEST(RequestReader, ReadsASmallBody) {
  RequestReader reader;
  EXPECT_EQ(reader.take(head("Content-Length: 3\r\n", "POST / HTTP/1.1") + "ab"), State::more);
  EXPECT_EQ(reader.take("cGET /next"), State::complete);
  EXPECT_EQ(reader.request().body, "abc");
}

TEST(RequestReader, AsksForAContentLength) {
  EXPECT_EQ(status(head("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.1")), 411);
  EXPECT_EQ(status(head("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.1") + "0\r\n\r\n"), 411);
  EXPECT_EQ(status(head("Content-Length: 0\r\n", "POST / HTTP/1.1")), 200);
}

TEST(RequestReader, IgnoresWhatFollowsTheRequest) {
  RequestReader reader;
  EXPECT_EQ(reader.take(head("") + "GET /second HTTP/1.1\r\n\n\n\x01"), State::complete);
  EXPECT_EQ(reader.take("\x01"), State::complete);
  EXPECT_EQ(reader.request().path, "/");
}

TEST(RequestReader, AcceptsHttp10WithoutHost) { EXPECT_EQ(status("GET / HTTP/1.0\r\n\r\n"), 200); }
TEST(RequestReader, AcceptsTheAbsoluteForm) {
  RequestReader reader;
  ASSERT_EQ(reader.take(head("", "GET http://a:1/metrics?x=1 HTTP/1.1")), State::complete);
  EXPECT_EQ(reader.request().path, "/metrics");
}

TEST(RequestReader, RefusesSmugglingShapes) {
  const std::string post = "POST / HTTP/1.1";
  EXPECT_EQ(status(head("Content-Length: 1\r\n", post) + "a"), 200);
  EXPECT_EQ(status(head("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", post) + "0\r\n\r\n"), 400);
  EXPECT_EQ(status(head("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", post) + "0\r\n\r\n"), 400);
  EXPECT_EQ(status(head("Content-Length: 1\r\nContent-Length: 1\r\n", post) + "a"), 400);
  EXPECT_EQ(status(head("Content-Length: 1\r\nContent-Length: 2\r\n", post) + "ab"), 400);
  EXPECT_EQ(status(head("Content-Length: 1, 1\r\n", post) + "a"), 400);
  for (const char* length : {"+1", "-1", "0x1", "a", "", "18446744073709551617"})
    EXPECT_EQ(status(head(std::string("Content-Length: ") + length + "\r\n", post)), 400) << length;
  for (const char* coding : {"gzip", "chunked, chunked", "identity", "x chunked", "gzip, chunked"})
    EXPECT_GE(status(head(std::string("Transfer-Encoding: ") + coding + "\r\n", post)), 400) << coding;
  EXPECT_EQ(status(head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", post)), 400);
  EXPECT_EQ(status("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(status(head("Transfer-Encoding : chunked\r\n", post)), 400);
  EXPECT_EQ(status(head("X: a\r\n b\r\n")), 400);
  EXPECT_EQ(status(head("X: a\r\n\tb\r\n")), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\nHost: a\n\n"), 400);
  EXPECT_EQ(status(head("X: a\rY: b\r\n")), 400);
  EXPECT_EQ(status(head(std::string("X: a\0b\r\n", 8))), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(RequestReader, RefusesBrokenRequestLines) {
  for (const char* first :
       {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET /a b HTTP/1.1", " GET / HTTP/1.1", "GET a HTTP/1.1", "GET * HTTP/1.1",
        "CONNECT a:1 HTTP/1.1", "GET /#a HTTP/1.1", "GET /%zz HTTP/1.1", "GET /%0 HTTP/1.1", "GET /%00 HTTP/1.1",
        "GET /?a=%0a HTTP/1.1", "G(T / HTTP/1.1", "/ HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.x"})
    EXPECT_EQ(status(head("", first)), 400) << first;
  for (const char* first : {"GET / HTTP/2.0", "PRI * HTTP/2.0", "GET / HTTP/0.9"})
    EXPECT_EQ(status(head("", first)), 505) << first;
  EXPECT_EQ(status("\x16\x03\x01"), 400);
}

TEST(RequestReader, HasALimitOnEverything) {
  const RequestLimits limits;
  EXPECT_EQ(status(head("", "GET /" + std::string(limits.target_bytes, 'a') + " HTTP/1.1")), 414);
  EXPECT_EQ(status(std::string(limits.target_bytes + 1, 'a')), 414);
  EXPECT_EQ(status(head("X: " + std::string(limits.head_bytes, 'a') + "\r\n")), 431);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nX: " + std::string(limits.head_bytes, 'a')), 431);
  std::string many;
  for (std::size_t count = 0; count + 1 < limits.headers; ++count) many += "X: a\r\n";
  EXPECT_EQ(status(head(many)), 200);
  EXPECT_EQ(status(head(many + "X: a\r\nX: a\r\n")), 431);
  const std::string post = "POST / HTTP/1.1";
  EXPECT_EQ(
      status(head("Content-Length: " + std::to_string(limits.body_bytes) + "\r\n", post) + std::string(limits.body_bytes, 'a')),
      200);
  EXPECT_EQ(status(head("Content-Length: " + std::to_string(limits.body_bytes + 1) + "\r\n", post)), 413);
}

TEST(RequestReader, MeetsNoExpectations) { EXPECT_EQ(status(head("Expect: 100-continue\r\n")), 417); }

}  // namespace
}  // namespace exporter::web
