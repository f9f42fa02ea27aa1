// The protocols around TLS: what is said before the handshake, and what is asked after it. One file per protocol, one row each
// in the table. A protocol knows streams and its own words; what an answer means for a client certificate is not its business.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <asio/awaitable.hpp>

#include "probes/net/stream.h"
#include "probes/net/wire.h"

namespace probes::protocols {

// What to say and ask, where the protocol has something to say or ask.
struct Question {
  std::string host;    // the authority: a name or address with the port where it is not the default
  std::string server;  // the name alone, as SNI has it; may be empty
  std::string client;  // our own end's address, as text
  std::string user;    // who we say we are where a protocol wants a name; empty: nobody wrote one
  std::string alpn;    // what TLS negotiated
  std::string method = "GET";
  std::string path = "/";
  std::string body = {};  // HTTP/2 only
  std::map<std::string, std::string> headers;
};

// How the dialogue that leads to TLS ended.
struct Upgrade {
  enum class Result : std::uint8_t {
    agreed,                // the server expects our ClientHello
    refused,               // it does not do TLS here, or not now
    needs_authentication,  // it wants to know who we are first
    malformed,             // bytes came that are no answer of this protocol
    plaintext_left,        // it agreed, and more came in the clear: what an attacker on the way could have put there
    ended,                 // the stream did
  };
  Result result = Result::agreed;
  net::End end = net::End::ok;
  std::string said;  // the server's words, or ours where it said nothing; hostile
};

// How the asking ended. `status` is there as soon as an answer could be read.
struct Answer {
  net::End end = net::End::ok;  // how the stream ended, ok when the answer was read
  bool malformed = false;       // bytes came that are no answer of this protocol
  bool any = false;             // bytes came
  bool refused_stream = false;  // HTTP/2: our stream was reset, which is an answer, too
  std::optional<int> status;    // HTTP
  bool answered = false;        // a whole answer of this protocol came, where it has no status
  bool refuses = false;         // ... and says in the protocol's own way that our certificate, or its want, is the trouble
  bool settles = true;          // false: a server of this protocol may refuse us yet, in what was not asked
  std::string text;             // the beginning of the answer's body or its words, for people and for known refusals; hostile
};

// When a protocol's question is asked.
enum class Asked : std::uint8_t { never, where_negotiated, with_user, always };

struct Protocol {
  std::string_view name;
  std::string_view description;                 // one line for the table of docs/protocols.md
  std::uint16_t default_port = 0;               // the protocol's own; 0: it has none
  std::span<const std::string_view> alpn = {};  // offered unless the configuration says otherwise
  // where_negotiated: only for the verdict, and only where ALPN chose HTTP. with_user: where a user is written to ask as.
  Asked asked = Asked::never;
  // Its servers may refuse a certificate as late as at a login, and nobody logs in without a `user`.
  bool refuses_at_login = false;
  // Before TLS; null: TLS from the first byte.
  asio::awaitable<Upgrade> (*starttls)(net::Stream& stream, const Question& question) = nullptr;
  // What carries TLS after it; null: the connection itself.
  std::unique_ptr<net::Wire> (*wire)(net::Socket& socket) = nullptr;
  // After TLS; null: nothing to ask.
  asio::awaitable<Answer> (*ask)(net::Stream& stream, Question question) = nullptr;
};

// Did ALPN choose a version of HTTP?
[[nodiscard]] bool is_http(std::string_view alpn);

[[nodiscard]] std::span<const Protocol> all_protocols();
// By name.
[[nodiscard]] std::map<std::string, std::uint16_t, std::less<>> default_ports();
[[nodiscard]] const Protocol* find_protocol(std::string_view name);  // null: unknown
// The protocol with a dialogue of its own whose port this is; `auto` for all others.
[[nodiscard]] const Protocol& protocol_of_port(std::uint16_t port);

}  // namespace probes::protocols
