// SOCKS5: RFC 1928, and RFC 1929 for a user name and password. The server's name is handed to the proxy, which looks it up.
#include <array>
#include <string_view>
#include <utility>

#include <asio/ip/address.hpp>

#include "probes/proxy/tunnel.h"

namespace probes::proxy {

namespace {

using namespace std::literals;

constexpr char version = 5, no_login = 0, password_login = 2, none_acceptable = '\xff';

struct Piece {
  net::End end = net::End::ok;
  std::string text;
  bool ok() const { return end == net::End::ok; }
};

// Exactly so many bytes.
asio::awaitable<Piece> read_exactly(net::Stream& stream, std::size_t count) {
  Piece piece{.text = std::string(count, '\0')};
  for (std::size_t had = 0; had < count;) {
    const std::span<char> room(piece.text.data() + had, count - had);
    const net::Transfer transfer = co_await stream.read_some(room);
    piece.end = transfer.end;
    if (!piece.ok()) break;
    had += transfer.bytes;
  }
  co_return piece;
}

Answer stopped(net::End end) { return {.result = Answer::Result::ended, .end = end, .said = {}}; }
Answer malformed(std::string said) { return {.result = Answer::Result::malformed, .said = std::move(said)}; }

// RFC 1928 4: CONNECT to a name or an address.
std::string connect_message(const Request& request) {
  std::string message = "\x05\x01\x00"s;
  asio::error_code no_literal;
  const auto literal = asio::ip::make_address(request.host, no_literal);
  if (no_literal) {
    message += '\x03';
    message += static_cast<char>(request.host.size());
    message += request.host;
  } else if (literal.is_v4()) {
    const auto bytes = literal.to_v4().to_bytes();
    message += '\x01';
    message.append(bytes.begin(), bytes.end());
  } else {
    const auto bytes = literal.to_v6().to_bytes();
    message += '\x04';
    message.append(bytes.begin(), bytes.end());
  }
  message += static_cast<char>(request.port >> 8);
  message += static_cast<char>(request.port & 0xff);
  return message;
}

// RFC 1928 6.
Answer reply_of(unsigned char code) {
  using Result = Answer::Result;
  switch (code) {
    case 0: return {};
    case 1: return {.result = Result::cannot_reach, .said = "SOCKS reply 1: general failure"};
    case 2: return {.result = Result::refused, .said = "SOCKS reply 2: not allowed by its rules"};
    case 3: return {.result = Result::cannot_reach, .said = "SOCKS reply 3: network unreachable"};
    case 4: return {.result = Result::cannot_reach, .said = "SOCKS reply 4: host unreachable"};
    case 5: return {.result = Result::cannot_reach, .said = "SOCKS reply 5: connection refused"};
    case 6: return {.result = Result::cannot_reach, .said = "SOCKS reply 6: no answer in time"};
    case 7: return {.result = Result::refused, .said = "SOCKS reply 7: it does no CONNECT"};
    case 8: return {.result = Result::refused, .said = "SOCKS reply 8: it does not take this kind of address"};
    default: return {.result = Result::refused, .said = "SOCKS reply " + std::to_string(code)};
  }
}

// Which login the proxy wants, and ours where it wants one.
Asking log_in(net::Stream& stream, const Request& request) {
  const bool login = !request.username.empty();
  const std::string_view greeting = login ? "\x05\x02\x00\x02"sv : "\x05\x01\x00"sv;
  const net::Transfer greeted = co_await stream.write_all(greeting);
  if (greeted.end != net::End::ok) co_return stopped(greeted.end);
  const Piece method = co_await read_exactly(stream, 2);
  if (!method.ok()) co_return stopped(method.end);
  if (method.text[0] != version) co_return malformed("its answer is no SOCKS5");
  if (method.text[1] == no_login) co_return Answer{};
  if (method.text[1] == none_acceptable)
    co_return Answer{.result = Answer::Result::needs_login,
                     .said = login ? "it takes no user name and password" : "it lets nobody in without a login"};
  if (method.text[1] != password_login || !login) co_return malformed("it chose a login that was not offered");
  std::string message = "\x01"s;
  message += static_cast<char>(request.username.size());
  message += request.username;
  message += static_cast<char>(request.password.size());
  message += request.password;
  const net::Transfer said = co_await stream.write_all(message);
  if (said.end != net::End::ok) co_return stopped(said.end);
  const Piece status = co_await read_exactly(stream, 2);
  // RFC 1929 2: it must close the connection where it does not take the password; some only close.
  if (status.end == net::End::closed || status.end == net::End::reset)
    co_return Answer{.result = Answer::Result::needs_login, .said = "it hung up after the user name and password"};
  if (!status.ok()) co_return stopped(status.end);
  if (status.text[1] == 0) co_return Answer{};
  co_return Answer{.result = Answer::Result::needs_login, .said = "it does not take the user name and password"};
}

// RFC 1928 6: the reply ends with the address that the proxy connected from, whose length its kind says.
Asking read_reply(net::Stream& stream) {
  const Piece head = co_await read_exactly(stream, 4);
  if (!head.ok()) co_return stopped(head.end);
  if (head.text[0] != version) co_return malformed("its reply is no SOCKS5");
  if (head.text[1] != 0) co_return reply_of(static_cast<unsigned char>(head.text[1]));
  std::size_t length = 0;
  if (head.text[3] == 1) length = 4;
  else if (head.text[3] == 4) length = 16;
  else if (head.text[3] == 3) {
    const Piece size = co_await read_exactly(stream, 1);
    if (!size.ok()) co_return stopped(size.end);
    length = static_cast<unsigned char>(size.text[0]);
  } else co_return malformed("its reply holds no address");
  const Piece rest = co_await read_exactly(stream, length + 2);
  if (!rest.ok()) co_return stopped(rest.end);
  co_return Answer{};
}

}  // namespace

Asking socks5(net::Stream& stream, Request request) {
  // One byte counts each of them.
  if (request.host.size() > 255 || request.password.size() > 255)
    co_return Answer{.result = Answer::Result::refused,
                     .said = "SOCKS5 has no room for a name or password of more than 255 bytes"};
  Answer in = co_await log_in(stream, request);
  if (in.result != Answer::Result::connected) co_return in;
  const std::string message = connect_message(request);
  const net::Transfer said = co_await stream.write_all(message);
  if (said.end != net::End::ok) co_return stopped(said.end);
  Answer reply = co_await read_reply(stream);
  co_return reply;
}

}  // namespace probes::proxy
