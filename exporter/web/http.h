// A request and its response as plain values, and what answers one with the other. No sockets, no parser.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/web/body.h"

namespace exporter::web {

// One request, read completely and found regular. Everything in it was written by the peer.
struct Request {
  std::string method;                                       // as sent: methods are case-sensitive
  bool http_1_0 = false;                                    // knows no chunks
  std::string path;                                         // percent-decoded, begins with '/', without control characters
  std::multimap<std::string, std::string> query;            // percent-decoded; '+' is a space
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case; repeated ones joined by ", "
  std::string body;
  std::chrono::steady_clock::time_point arrived{};  // when its last byte was read
  std::stop_token gone = {};                        // asked to stop once nobody waits for the answer any more

  // The first value of a query parameter; absent when it was not given.
  std::optional<std::string> parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::nullopt : std::optional(found->second);
  }
  // A header by its lower-case name; empty when it was not sent.
  std::string_view header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : found->second;
  }
};
using RequestPtr = std::shared_ptr<const Request>;

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;  // besides Content-Type, Date, Connection and those of the length
  Body body;
};

// Delivers the response. Callable from any thread, also after the server has stopped; only the first call counts.
using Reply = std::function<void(Response)>;

// Answers one request. Runs on one of the few handler threads: must return soon (a scrape's time, not a probe's) and may reply
// later from a thread of its own. An exception, like a reply that never comes, becomes a 500 or 503.
using Handler = std::function<void(RequestPtr, Reply)>;

// A handler that has its response when it returns.
[[nodiscard]] inline Handler at_once(std::function<Response(const Request&)> respond) {
  return [respond = std::move(respond)](const RequestPtr& request, const Reply& reply) { reply(respond(*request)); };
}

}  // namespace exporter::web
