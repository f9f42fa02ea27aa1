// A server of HTTP in the test's own process, on a free port of 127.0.0.1: it says what it is told to say and keeps what it was
// asked. One connection after the other, one request in each.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tests::support {

struct WebRequest {
  std::string method, target;  // "GET", "/a.crl"
  std::string head;            // with its header lines
  std::string body;
};

// "200 OK" and this body, whole.
[[nodiscard]] std::string http_answer(const std::string& body, const std::string& status = "200 OK",
                                      const std::string& headers = "");

class WebPeer {
 public:
  // What is sent in answer; "" closes without a word.
  using Answer = std::function<std::string(const WebRequest&)>;

  explicit WebPeer(Answer answer);
  ~WebPeer();
  WebPeer(const WebPeer&) = delete;
  WebPeer& operator=(const WebPeer&) = delete;

  std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  std::vector<WebRequest> asked() const;  // so far
  void answer_with(Answer answer);        // from now on

 private:
  void serve(const std::stop_token& stopping);
  void answer(int connection);

  mutable std::mutex mutex_;
  Answer answer_;
  std::vector<WebRequest> asked_;
  int listener_ = -1;
  int port_ = 0;
  std::jthread thread_;
};

}  // namespace tests::support
