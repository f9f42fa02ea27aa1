// Fetches one document over HTTP or HTTPS with libcurl, behind plain values. Blocking: never on a probe's thread. Redirects are
// not followed and proxies of the environment not used: what is fetched comes from where the operator pointed. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace probes::net {

struct FetchRequest {
  std::string url;                                               // http:// or https://
  std::vector<std::string> headers;                              // "Name: value"
  std::chrono::milliseconds timeout = std::chrono::seconds(10);  // of the whole exchange
  std::size_t limit = 64u << 20;                                 // bytes of the answer's body
  std::function<bool(void* ssl_context)>
      prepare_tls;  // puts anchors and our certificate into an SSL_CTX; empty: curl's own anchors
};

struct Fetched {
  int status = 0;
  std::map<std::string, std::string> headers;  // by name in lower case; the last of a name
  std::string body;
};

struct FetchFailure {
  enum class Kind : std::uint8_t { unreachable, timeout, tls, too_large, other };
  Kind kind = Kind::other;
  std::string why;  // for people
};

// Any HTTP status is an answer. Ends within the timeout, or soon after a stop is requested.
[[nodiscard]] std::variant<Fetched, FetchFailure> fetch(const FetchRequest& request, const std::stop_token& stopping = {});

}  // namespace probes::net
