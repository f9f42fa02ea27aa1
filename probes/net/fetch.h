// Fetches one document over HTTP or HTTPS with libcurl, behind plain values. Blocking: never on a probe's thread. Redirects are
// not followed, unless asked for and then to the same host, and proxies of the environment not used: what is fetched comes from
// where the operator pointed. Any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace probes::net {

struct FetchRequest {
  std::string url;                                               // http:// or https://
  std::vector<std::string> headers;                              // "Name: value"
  std::chrono::milliseconds timeout = std::chrono::seconds(10);  // of the whole exchange
  std::size_t limit = 64u << 20;                                 // bytes of the answer's body
  std::function<bool(void* ssl_context)>
      prepare_tls;                       // puts anchors and our certificate into an SSL_CTX; empty: curl's own anchors
  bool verify = true;                    // the server's certificate; false: what is fetched is signed itself
  std::optional<std::string> post = {};  // sent in a POST; absent: a GET
  int redirects = 0;                     // followed at most, to the same host alone
  // Asked of each address right before it is connected to (IPv4 as ::ffff:a.b.c.d): why it may not be; "": it may. Empty: all
  // may.
  std::function<std::string_view(const std::array<std::uint8_t, 16>& address)> closed = {};
};

struct Fetched {
  int status = 0;
  std::map<std::string, std::string> headers;  // by name in lower case; the last of a name
  std::string body;
};

struct FetchFailure {
  enum class Kind : std::uint8_t {
    unreachable,
    timeout,
    tls,
    too_large,
    address_refused,   // by FetchRequest::closed
    redirect_refused,  // to another host, or one too many
    other,
  };
  Kind kind = Kind::other;
  std::string why;  // for people
};

// Any HTTP status is an answer. Ends within the timeout, or soon after a stop is requested.
[[nodiscard]] std::variant<Fetched, FetchFailure> fetch(const FetchRequest& request, const std::stop_token& stopping = {});

}  // namespace probes::net
