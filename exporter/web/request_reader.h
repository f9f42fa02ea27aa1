// Reads exactly one HTTP/1.x request out of the bytes of a connection. The grammar is Boost.Beast's; in front of it stands a
// scan that refuses what lenient parsers disagree about: bare CR or LF, folded headers, repeated Content-Length or Host,
// and Transfer-Encoding in every shape (RFC 9112 6.3 lets a server ask for Content-Length instead, with 411): nothing we serve
// needs a body, and Beast 1.74 judges some broken chunks by where TCP cuts them. What follows the request is never looked at.
// Pure: no sockets, no clock. One reader serves one connection, on one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exporter/web/http.h"

namespace exporter::web {

struct RequestLimits {
  std::size_t target_bytes = 8 * 1024;  // of the request line: /probe?target=... with every parameter fits many times
  std::size_t head_bytes = 16 * 1024;   // of the request line and all headers: a scraper sends under 1 KiB
  std::size_t headers = 100;            // header lines
  std::size_t body_bytes = 16 * 1024;   // nothing we serve needs a body
};

class RequestReader {
 public:
  enum class State { more, complete, refused };

  explicit RequestReader(const RequestLimits& limits = {}) : limits_(limits) {}

  // Takes the next bytes of the connection. Once it has said `complete` or `refused`, it ignores all others.
  State take(std::string_view bytes);

  bool begun() const { return !head_.empty(); }         // a first byte has come
  const Request& request() const { return request_; }   // REQUIRES: complete
  const Response& refusal() const { return refusal_; }  // REQUIRES: refused; 400, 411, 413, 414, 417, 431, 501 or 505

 private:
  std::size_t take_head(std::string_view bytes);
  void take_body(std::string_view bytes);
  void parse_head();
  void refuse(int status, const char* why);

  RequestLimits limits_;
  State state_ = State::more;
  bool head_done_ = false;
  std::size_t line_start_ = 0;  // where in head_ the current line begins
  std::size_t lines_ = 0;       // lines of the head that are complete
  std::size_t body_left_ = 0;   // bytes of the body still to come
  std::string head_;            // up to and with the empty line
  Request request_;
  Response refusal_;
};

// "/a%20b?x=1&y=%2F" -> path "/a b" and parameters. False when it is not an absolute path, or an escape is broken
// or hides a control character.
[[nodiscard]] bool split_target(std::string_view target, Request& request);

}  // namespace exporter::web
