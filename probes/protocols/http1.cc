#include "probes/protocols/http1.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace probes::protocols {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t header_limit = 64 * 1024;

std::string request(const Question& question) {
  std::string text = question.method + " " + question.path + " HTTP/1.1\r\nHost: " + question.host + "\r\n";
  bool agent = false;
  for (const auto& [name, value] : question.headers) {
    text += name + ": " + value + "\r\n";
    agent |= name == "User-Agent" || name == "user-agent";
  }
  if (!agent) text += "User-Agent: mtls_exporter\r\n";
  return text + "Accept: */*\r\nConnection: close\r\n\r\n";
}

using Parser = http::response_parser<http::string_body>;

// Feeds `bytes`, which may hold a part, and what it leaves stays in `pending`.
bool feed(Parser& parser, std::string& pending, std::string_view bytes) {
  pending.append(bytes);
  boost::system::error_code error;
  while (!pending.empty() && !parser.is_done()) {
    const std::size_t used = parser.put(boost::asio::buffer(pending), error);
    pending.erase(0, used);
    if (error == http::error::need_more || (!error && used == 0)) return true;
    if (error) return false;
  }
  return true;
}

// Enough is known: the head, and as much of the body as is kept.
bool enough(const Parser& parser, bool method_is_head) {
  return parser.is_done() || (parser.is_header_done() && (method_is_head || parser.get().body().size() >= answer_text_limit));
}

}  // namespace

asio::awaitable<Answer> http1(net::Stream& stream, Question question) {
  Answer answer;
  if (const auto written = co_await stream.write_all(request(question)); written.end == net::End::too_late) {
    answer.end = written.end;
    co_return answer;
  }  // a failed write is met again by the read, which may find why
  Parser parser;
  parser.header_limit(header_limit);
  parser.body_limit(boost::none);
  parser.eager(true);
  if (question.method == "HEAD") parser.skip(true);
  std::string pending;
  std::array<char, 8192> buffer{};
  while (!enough(parser, question.method == "HEAD")) {
    const net::Transfer transfer = co_await stream.read_some(buffer);
    answer.end = transfer.end;
    if (transfer.end != net::End::ok) break;
    if (!feed(parser, pending, {buffer.data(), transfer.bytes})) {
      answer.malformed = !parser.is_header_done();
      break;
    }
  }
  if (parser.is_header_done()) {
    answer.end = net::End::ok;
    answer.status = parser.get().result_int();
    answer.text = parser.get().body().substr(0, answer_text_limit);
  }
  co_return answer;
}

}  // namespace probes::protocols
