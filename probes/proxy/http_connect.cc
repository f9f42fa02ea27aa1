// HTTP's CONNECT (RFC 9110 9.3.6), as HTTP/1.1 frames it. Of the answer its head is read and no more: after a 2xx the connection
// is the server's, and after anything else it is done.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "probes/bytes/base64.h"
#include "probes/proxy/tunnel.h"

namespace probes::proxy {

namespace {

std::string authority(const Request& request) {
  const bool address = request.host.find(':') != std::string::npos;
  return (address ? "[" + request.host + "]" : request.host) + ":" + std::to_string(request.port);
}

std::string head_of(const Request& request) {
  std::string head = "CONNECT " + authority(request) + " HTTP/1.1\r\nHost: " + authority(request) + "\r\n";
  if (!request.username.empty())
    head += "Proxy-Authorization: Basic " + bytes::base64(request.username + ":" + request.password) + "\r\n";
  for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
  return head + "\r\n";
}

// How many bytes are missing at least until an empty line can end `head`.
std::size_t missing(std::string_view head) {
  const bool after_a_line = head.ends_with('\n') || head.ends_with("\n\r");
  return after_a_line ? 1 : 2;
}

bool complete(std::string_view head) { return head.ends_with("\n\r\n") || head.ends_with("\n\n"); }

// RFC 9112 4: HTTP-version SP status-code SP [reason-phrase].
std::optional<int> status_of(std::string_view head) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12 || head[8] != ' ') return {};
  int status = 0;
  for (const char digit : head.substr(9, 3)) {
    if (digit < '0' || digit > '9') return {};
    status = status * 10 + (digit - '0');
  }
  return status;
}

// The status line, and what squid says of the error beside it.
std::string words_of(std::string_view head) {
  constexpr std::string_view error_header = "\nX-Squid-Error:";
  std::string words(head.substr(0, head.find_first_of("\r\n")));
  if (const auto at = head.find(error_header); at != std::string_view::npos) {
    std::string_view value = head.substr(at + error_header.size());
    value = value.substr(0, value.find_first_of("\r\n"));
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    words += " (" + std::string(value) + ")";
  }
  return words;
}

Answer::Result result_of(int status) {
  switch (status) {
    case 401:
    case 407: return Answer::Result::needs_login;
    // RFC 9110 15.6: the gateway had no answer. tinyproxy 1.11 says 500 where it could not connect.
    case 500:
    case 502:
    case 503:
    case 504: return Answer::Result::cannot_reach;
    default: return status >= 200 && status < 300 ? Answer::Result::connected : Answer::Result::refused;
  }
}

struct Head {
  net::End end = net::End::ok;
  std::string text;
};

asio::awaitable<Head> read_head(net::Stream& stream) {
  Head head;
  std::array<char, 2> piece{};
  while (!complete(head.text)) {
    if (head.text.size() >= answer_limit) {
      head.end = net::End::flooded;
      break;
    }
    const std::span<char> room(piece.data(), missing(head.text));
    const net::Transfer transfer = co_await stream.read_some(room);
    head.end = transfer.end;
    if (transfer.end != net::End::ok) break;
    head.text.append(piece.data(), transfer.bytes);
    // Whatever is no HTTP is not waited for to its end.
    constexpr std::string_view begins = "HTTP/1.";
    if (!std::string_view(head.text).starts_with(begins.substr(0, head.text.size()))) break;
  }
  co_return head;
}

}  // namespace

Asking http_connect(net::Stream& stream, Request request) {
  const std::string asked = head_of(request);
  const net::Transfer written = co_await stream.write_all(asked);
  if (written.end == net::End::too_late) co_return Answer{.result = Answer::Result::ended, .end = written.end, .said = {}};
  // A proxy may have answered before it read all of it: even where writing failed it is heard.
  for (int interim = 0; interim < 8; ++interim) {
    const Head head = co_await read_head(stream);
    if (head.text.empty() || (head.end != net::End::ok && !status_of(head.text)))
      co_return Answer{.result = Answer::Result::ended, .end = head.end, .said = {}};
    const std::optional<int> status = status_of(head.text);
    if (!status) co_return Answer{.result = Answer::Result::malformed, .said = "its answer is no HTTP: " + words_of(head.text)};
    if (*status >= 100 && *status < 200) continue;
    const Answer::Result result = result_of(*status);
    // Of a refusal the first line is enough, of consent it is not.
    if (head.end != net::End::ok && result == Answer::Result::connected)
      co_return Answer{.result = Answer::Result::ended, .end = head.end, .said = {}};
    co_return Answer{.result = result, .said = words_of(head.text)};
  }
  co_return Answer{.result = Answer::Result::malformed, .said = "it only says 1xx"};
}

}  // namespace probes::proxy
