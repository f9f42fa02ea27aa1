#include "tests/exporter/web/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

namespace tests::web {
namespace {

constexpr int patience_milliseconds = 20'000;

int connected(const std::string& address, int receive_buffer) {
  const auto colon = address.rfind(':');
  const auto port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  const bool v6 = address.starts_with('[') && !address.starts_with("[::]");
  const int socket = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in6 six{.sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = in6addr_loopback};
  sockaddr_in four{.sin_family = AF_INET, .sin_port = port, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  const int result = v6 ? ::connect(socket, reinterpret_cast<sockaddr*>(&six), sizeof six)
                        : ::connect(socket, reinterpret_cast<sockaddr*>(&four), sizeof four);
  if (result != 0) std::abort();
  return socket;
}

// RFC 9112 7.1. False when the last chunk is missing; what came before it is joined all the same.
bool join_chunks(std::string& body) {
  std::string joined;
  std::size_t at = 0;
  bool last = false;
  while (!last) {
    const auto line_end = body.find("\r\n", at);
    if (line_end == std::string::npos) break;
    const std::size_t size = std::stoul(body.substr(at, line_end - at), nullptr, 16);
    last = size == 0;
    joined += body.substr(line_end + 2, size);
    at = line_end + 2 + size + 2;
    if (at > body.size()) last = false;
    if (at >= body.size()) break;
  }
  body = joined;
  return last;
}

}  // namespace

Client::Client(const std::string& address, int receive_buffer) : socket_(connected(address, receive_buffer)) {}

bool Client::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string Client::rest() const {
  std::string bytes;
  std::array<char, 16384> buffer;
  pollfd waiting{.fd = number(), .events = POLLIN, .revents = 0};
  while (::poll(&waiting, 1, patience_milliseconds) == 1) {
    const auto got = ::recv(number(), buffer.data(), buffer.size(), 0);
    if (got <= 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return bytes + "(the peer did not close)";
}

Answer parsed(const std::string& bytes) {
  Answer answer{.bytes = bytes};
  const auto end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.1 ") || end == std::string::npos) return answer;
  answer.status = std::stoi(bytes.substr(9, 3));
  answer.body = bytes.substr(end + 4);
  for (std::size_t line = bytes.find("\r\n") + 2; line < end + 2;) {
    const auto line_end = bytes.find("\r\n", line);
    const auto colon = bytes.find(": ", line);
    std::string name = bytes.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    answer.headers[name] = bytes.substr(colon + 2, line_end - colon - 2);
    line = line_end + 2;
  }
  if (answer.headers.count("transfer-encoding") > 0) answer.whole = join_chunks(answer.body);
  return answer;
}

Answer ask(const std::string& address, const std::string& bytes) {
  const Client client(address);
  client.send(bytes);
  return client.answer();
}

std::string get(const std::string& target, const std::string& headers) {
  return "GET " + target + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
}

}  // namespace tests::web
