// The smallest HTTP client that can misbehave: it sends the bytes it is told to, when it is told to. Blocking, with a
// generous limit so that a defect fails a test instead of hanging it.
#pragma once

#include <sys/socket.h>

#include <map>
#include <string>
#include <string_view>

#include "exporter/web/listeners.h"

namespace tests::web {

struct Answer {
  int status = 0;                              // 0: the connection ended without one
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // its chunks joined
  std::string bytes;                           // all that came
  bool whole = true;                           // not of chunks without a last one
};

[[nodiscard]] Answer parsed(const std::string& bytes);

class Client {
 public:
  // `address` as Server::addresses() says it; the unspecified address becomes loopback. `receive_buffer`: bytes, 0 for the
  // default.
  explicit Client(const std::string& address, int receive_buffer = 0);

  // False when the peer has gone.
  bool send(std::string_view bytes) const;

  // Everything until the peer closes.
  [[nodiscard]] std::string rest() const;
  [[nodiscard]] Answer answer() const { return parsed(rest()); }

  // True once the peer has closed; waits for it.
  [[nodiscard]] bool closed() const { return rest().empty(); }

  int number() const { return socket_.number(); }

 private:
  exporter::web::Descriptor socket_;
};

// Sends `bytes` on a fresh connection and reads the answer.
[[nodiscard]] Answer ask(const std::string& address, const std::string& bytes);

// "GET <target> HTTP/1.1" with Host and `headers` ("Accept: a\r\n").
[[nodiscard]] std::string get(const std::string& target, const std::string& headers = "");

}  // namespace tests::web
