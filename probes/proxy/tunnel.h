// Proxies: how one is asked to connect us to a server, and what it says. One file for each kind, over a stream that is connected
// to the proxy. What follows its consent belongs to the server, so not one byte more than its answer is read. What an answer
// comes to as a failure of a probe stands in explain().
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include <asio/awaitable.hpp>

#include "probes/net/stream.h"
#include "probes/observations/reason.h"

namespace probes::proxy {

// Whom a proxy is asked for, and who asks.
struct Request {
  std::string host;  // a name, which the proxy looks up, or an IP literal without brackets
  std::uint16_t port = 0;
  std::string username;  // empty: no login
  std::string password;
  std::map<std::string, std::string> headers;  // of CONNECT
};

struct Answer {
  enum class Result : std::uint8_t {
    connected,
    refused,       // it may not, or will not
    needs_login,   // it wants to know who we are, or does not believe it
    cannot_reach,  // it has tried
    malformed,     // bytes came that are no answer of such a proxy
    ended,         // the stream did
  };
  Result result = Result::connected;
  net::End end = net::End::ok;
  std::string said;  // the proxy's words, or ours where it said nothing; hostile
};

// An answer has less than this.
inline constexpr std::size_t answer_limit = 32 * 1024;

using Asking = asio::awaitable<Answer>;

Asking http_connect(net::Stream& stream, Request request);  // RFC 9110 9.3.6
Asking socks5(net::Stream& stream, Request request);        // RFC 1928, RFC 1929

// REQUIRES: it did not connect us. Of stage proxy.
[[nodiscard]] observations::Failure explain(const Answer& answer);

}  // namespace probes::proxy
