// The protocols around TLS: what is said before the handshake, and what is asked after it. One file per protocol, one row each
// in the table. A protocol knows streams and its own words; what an answer means for a client certificate is not its business.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <asio/awaitable.hpp>

#include "probes/net/stream.h"

namespace probes::protocols {

// What to ask, where the protocol has something to ask.
struct Question {
  std::string host;  // the authority: a name or address with the port where it is not the default
  std::string alpn;  // what TLS negotiated
  std::string method = "GET";
  std::string path = "/";
  std::map<std::string, std::string> headers;
};

// How the asking ended. `status` is there as soon as an answer could be read.
struct Answer {
  net::End end = net::End::ok;  // how the stream ended, ok when the answer was read
  bool malformed = false;       // bytes came that are no answer of this protocol
  bool any = false;             // bytes came
  bool refused_stream = false;  // HTTP/2: our stream was reset, which is an answer, too
  std::optional<int> status;    // HTTP
  std::string text;             // the beginning of the answer's body, for people and for known refusals; hostile
};

// When a protocol's question is asked.
enum class Asked : std::uint8_t { never, where_negotiated, always };

struct Protocol {
  std::string_view name;
  std::string_view description;                 // one line for the README's table
  std::uint16_t default_port = 0;               // 0: none
  std::span<const std::string_view> alpn = {};  // offered unless the configuration says otherwise
  Asked asked = Asked::never;                   // where_negotiated: only for the verdict, and only where ALPN chose HTTP
  asio::awaitable<Answer> (*ask)(net::Stream& stream, Question question) = nullptr;  // null: nothing to ask
};

// Did ALPN choose a version of HTTP?
[[nodiscard]] bool is_http(std::string_view alpn);

[[nodiscard]] std::span<const Protocol> all_protocols();
// By name.
[[nodiscard]] std::map<std::string, std::uint16_t, std::less<>> default_ports();
[[nodiscard]] const Protocol* find_protocol(std::string_view name);  // null: unknown

// https.cc: HTTP/1.1, or HTTP/2 where ALPN chose it.
asio::awaitable<Answer> https(net::Stream& stream, Question question);

}  // namespace probes::protocols
