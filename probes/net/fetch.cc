#include "probes/net/fetch.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string_view>

#include "probes/net/curl_options.h"

namespace probes::net {

namespace {

struct Exchange {
  const FetchRequest& request;
  const std::stop_token& stopping;
  Fetched answer;
  bool too_large = false;
  std::string refused = {};  // why an address was not connected to
};

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  exchange.too_large = exchange.answer.body.size() + size > exchange.request.limit;
  if (exchange.too_large) return 0;
  exchange.answer.body.append(bytes, size);
  return size;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t size, void* self) {
  take_header_line({bytes, size}, static_cast<Exchange*>(self)->answer.headers);
  return size;
}

std::array<std::uint8_t, 16> bytes_of(const sockaddr& address) {
  std::array<std::uint8_t, 16> bytes{};
  if (address.sa_family == AF_INET6) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, bytes.size());
    return bytes;
  }
  bytes[10] = bytes[11] = 0xff;
  std::memcpy(bytes.data() + 12, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
  return bytes;
}

int go_on(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(self)->stopping.stop_requested() ? 1 : 0;
}

// In curl's notation of a closed socket, where `closed` has something against the address.
curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) {
  auto& exchange = *static_cast<Exchange*>(self);
  const std::string_view why = exchange.request.closed(bytes_of(to->addr));
  if (why.empty()) return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  exchange.refused = why;
  return CURL_SOCKET_BAD;
}

void configure(CURL* curl, Exchange& exchange, curl_slist* headers, char* why) {
  const FetchRequest& request = exchange.request;
  set_common_options(curl, request, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &go_on);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
  if (request.closed) {
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &exchange);
  }
  if (request.post) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.post->size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.post->data());
  }
}

}  // namespace

namespace {

std::variant<Fetched, FetchFailure> fetch_once(const FetchRequest& request, const std::stop_token& stopping) {
  const CurlHandle curl = curl_handle();
  if (!curl) return FetchFailure{FetchFailure::Kind::other, "libcurl cannot be used"};
  const CurlHeaders headers = curl_headers(request);
  Exchange exchange{.request = request, .stopping = stopping, .answer = {}};
  char why[CURL_ERROR_SIZE] = {};
  configure(curl.get(), exchange, headers.get(), why);
  const CURLcode code = curl_easy_perform(curl.get());
  if (exchange.too_large)
    return FetchFailure{FetchFailure::Kind::too_large, "more than " + std::to_string(request.limit) + " bytes"};
  if (!exchange.refused.empty() && code != CURLE_OK)
    return FetchFailure{FetchFailure::Kind::address_refused, "the address is " + exchange.refused + ", which is never asked"};
  if (code != CURLE_OK) return FetchFailure{kind_of(code), *why != '\0' ? why : curl_easy_strerror(code)};
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange.answer.status = static_cast<int>(status);
  return std::move(exchange.answer);
}

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  std::string found;
  if (curl_url_get(url, part, &text, 0) == CURLUE_OK) found = text;
  curl_free(text);
  return found;
}

bool is_redirect(const Fetched& answer) {
  constexpr std::array codes = {301, 302, 303, 307, 308};
  return std::ranges::find(codes, answer.status) != codes.end() && answer.headers.contains("location");
}

// Where the answer leads; nothing where that is another host, or no http at all.
std::optional<std::string> same_host(const std::string& from, const std::string& location) {
  const Url url(curl_url(), &curl_url_cleanup);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, from.c_str(), 0) != CURLUE_OK) return std::nullopt;
  const std::string host = part_of(url.get(), CURLUPART_HOST);
  if (curl_url_set(url.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) return std::nullopt;
  const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
  const bool same = part_of(url.get(), CURLUPART_HOST) == host && (scheme == "http" || scheme == "https");
  return same ? std::optional(part_of(url.get(), CURLUPART_URL)) : std::nullopt;
}

}  // namespace

std::variant<Fetched, FetchFailure> fetch(const FetchRequest& request, const std::stop_token& stopping) {
  const auto deadline = std::chrono::steady_clock::now() + request.timeout;
  FetchRequest next = request;
  for (int followed = 0;; ++followed) {
    auto found = fetch_once(next, stopping);
    const auto* answer = std::get_if<Fetched>(&found);
    if (request.redirects == 0 || answer == nullptr || !is_redirect(*answer)) return found;
    const std::string location = answer->headers.at("location");
    const auto refused = [&](const std::string& why) {
      return FetchFailure{FetchFailure::Kind::redirect_refused, "redirected to " + location.substr(0, 200) + why};
    };
    if (followed == request.redirects) return refused(", once too often");
    const auto url = same_host(next.url, location);
    if (!url) return refused(", which is another host");
    next.url = *url;
    next.timeout = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (next.timeout <= std::chrono::milliseconds::zero()) return FetchFailure{FetchFailure::Kind::timeout, "no time was left"};
  }
}

}  // namespace probes::net
