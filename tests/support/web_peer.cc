#include "tests/support/web_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace tests::support {

namespace {

std::size_t length_of(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : static_cast<std::size_t>(std::atol(head.c_str() + at + 16));
}

}  // namespace

std::string http_answer(const std::string& body, const std::string& status, const std::string& headers) {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

WebPeer::WebPeer(Answer answer) : answer_(std::move(answer)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    std::abort();
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stopping) { serve(stopping); });
}

WebPeer::~WebPeer() {
  thread_.request_stop();
  thread_.join();
  close(listener_);
}

std::vector<WebRequest> WebPeer::asked() const {
  const std::scoped_lock lock(mutex_);
  return asked_;
}

void WebPeer::answer_with(Answer answer) {
  const std::scoped_lock lock(mutex_);
  answer_ = std::move(answer);
}

void WebPeer::serve(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, 10) <= 0) continue;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    close(connection);
  }
}

void WebPeer::answer(int connection) {
  std::string text;
  std::array<char, 4096> bytes{};
  std::size_t end = std::string::npos;
  while ((end = text.find("\r\n\r\n")) == std::string::npos || text.size() < end + 4 + length_of(text.substr(0, end))) {
    const ssize_t read = recv(connection, bytes.data(), bytes.size(), 0);
    if (read <= 0) return;
    text.append(bytes.data(), static_cast<std::size_t>(read));
  }
  WebRequest request;
  request.head = text.substr(0, end + 2);
  request.body = text.substr(end + 4);
  request.method = text.substr(0, text.find(' '));
  const std::size_t from = request.method.size() + 1;
  request.target = text.substr(from, text.find(' ', from) - from);
  Answer say;
  {
    const std::scoped_lock lock(mutex_);
    asked_.push_back(request);
    say = answer_;
  }
  const std::string said = say(request);
  for (std::size_t sent = 0; sent < said.size();) {
    const ssize_t written = send(connection, said.data() + sent, said.size() - sent, MSG_NOSIGNAL);
    if (written <= 0) return;
    sent += static_cast<std::size_t>(written);
  }
}

}  // namespace tests::support
