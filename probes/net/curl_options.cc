#include "probes/net/curl_options.h"

#include <curl/curl.h>

#include <algorithm>

namespace probes::net {

namespace {

constexpr std::size_t most_headers = 100;  // no honest server sends more

CURLcode prepare(CURL*, void* context, void* request) {
  return static_cast<const FetchRequest*>(request)->prepare_tls(context) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

}  // namespace

CurlHandle curl_handle() {
  static const CURLcode library = curl_global_init(CURL_GLOBAL_DEFAULT);
  return {library == CURLE_OK ? curl_easy_init() : nullptr, &curl_easy_cleanup};
}

CurlHeaders curl_headers(const FetchRequest& request) {
  curl_slist* list = nullptr;
  for (const std::string& header : request.headers) list = curl_slist_append(list, header.c_str());
  return {list, &curl_slist_free_all};
}

void set_common_options(void* curl, const FetchRequest& request, curl_slist* headers) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);  // a name server that never answers must not hold up the end
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  if (!request.verify) {
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!request.prepare_tls) return;
  curl_easy_setopt(curl, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, &prepare);
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, const_cast<FetchRequest*>(&request));
}

FetchFailure::Kind kind_of(int code) {
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

void take_header_line(std::string_view line, std::map<std::string, std::string>& headers) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || headers.size() >= most_headers) return;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  std::string_view value = line.substr(colon + 1);
  const std::size_t first = value.find_first_not_of(" \t\r\n");
  value = first == std::string_view::npos ? "" : value.substr(first, value.find_last_not_of(" \t\r\n") - first + 1);
  headers[name] = std::string(value);
}

}  // namespace probes::net
