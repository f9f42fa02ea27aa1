#include "probes/net/fetch.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace probes::net {

namespace {

constexpr std::size_t most_headers = 100;  // no honest server sends more

struct Exchange {
  const FetchRequest& request;
  const std::stop_token& stopping;
  Fetched answer;
  bool too_large = false;
};

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  exchange.too_large = exchange.answer.body.size() + size > exchange.request.limit;
  if (exchange.too_large) return 0;
  exchange.answer.body.append(bytes, size);
  return size;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& headers = static_cast<Exchange*>(self)->answer.headers;
  const std::string_view line(bytes, size);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || headers.size() >= most_headers) return size;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  std::string_view value = line.substr(colon + 1);
  const std::size_t first = value.find_first_not_of(" \t\r\n");
  value = first == std::string_view::npos ? "" : value.substr(first, value.find_last_not_of(" \t\r\n") - first + 1);
  headers[name] = std::string(value);
  return size;
}

int go_on(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(self)->stopping.stop_requested() ? 1 : 0;
}

CURLcode prepare(CURL*, void* context, void* self) {
  return static_cast<Exchange*>(self)->request.prepare_tls(context) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

FetchFailure::Kind kind_of(CURLcode code) {
  using enum FetchFailure::Kind;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return unreachable;
    case CURLE_OPERATION_TIMEDOUT: return timeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE: return tls;
    default: return other;
  }
}

void configure(CURL* curl, Exchange& exchange, curl_slist* headers, char* why) {
  const FetchRequest& request = exchange.request;
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);  // a name server that never answers must not hold up the end
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &go_on);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
  if (!request.prepare_tls) return;
  curl_easy_setopt(curl, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, &prepare);
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &exchange);
}

}  // namespace

std::variant<Fetched, FetchFailure> fetch(const FetchRequest& request, const std::stop_token& stopping) {
  static const CURLcode library = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(library == CURLE_OK ? curl_easy_init() : nullptr,
                                                                 &curl_easy_cleanup);
  if (!curl) return FetchFailure{FetchFailure::Kind::other, "libcurl cannot be used"};
  curl_slist* list = nullptr;
  for (const std::string& header : request.headers) list = curl_slist_append(list, header.c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list, &curl_slist_free_all);
  Exchange exchange{.request = request, .stopping = stopping, .answer = {}};
  char why[CURL_ERROR_SIZE] = {};
  configure(curl.get(), exchange, headers.get(), why);
  const CURLcode code = curl_easy_perform(curl.get());
  if (exchange.too_large)
    return FetchFailure{FetchFailure::Kind::too_large, "more than " + std::to_string(request.limit) + " bytes"};
  if (code != CURLE_OK) return FetchFailure{kind_of(code), *why != '\0' ? why : curl_easy_strerror(code)};
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange.answer.status = static_cast<int>(status);
  return std::move(exchange.answer);
}

}  // namespace probes::net
