#include "probes/net/downloads.h"

#include <curl/curl.h>

#include <algorithm>
#include <utility>

#include "probes/net/curl_options.h"

namespace probes::net {

struct Downloads::Multi {
  CURLM* handle = curl_multi_init();
  ~Multi() { curl_multi_cleanup(handle); }
};

struct Downloads::Exchange {
  Download download;
  CurlHandle curl{nullptr, &curl_easy_cleanup};
  CurlHeaders headers{nullptr, &curl_slist_free_all};
  Fetched head = {};
  bool enough = false;
  char why[CURL_ERROR_SIZE] = {};
};

namespace {

int status_of(CURL* curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

// curl gives what it reads to these, with the exchange.
template <typename Exchange>
std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  exchange.enough = !exchange.download.take(status_of(exchange.curl.get()), {bytes, size});
  return exchange.enough ? 0 : size;
}

template <typename Exchange>
std::size_t take_header(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  const std::string_view line(bytes, size);
  take_header_line(line, exchange.head.headers);
  if ((line == "\r\n" || line == "\n") && exchange.download.answered) exchange.download.answered(status_of(exchange.curl.get()));
  return size;
}

// A peer that is gone without a word is noticed within a minute.
void keep_alive(CURL* curl) {
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, 20L);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, 5L);
}

}  // namespace

Downloads::Downloads() {
  const CurlHandle library = curl_handle();  // begins it
  multi_ = std::make_unique<Multi>();
}

Downloads::~Downloads() {
  for (const auto& exchange : exchanges_) curl_multi_remove_handle(multi_->handle, exchange->curl.get());
}

void Downloads::begin(Download download) {
  auto exchange = std::make_unique<Exchange>();
  exchange->download = std::move(download);
  const FetchRequest& request = exchange->download.request;
  exchange->curl = curl_handle();
  exchange->headers = curl_headers(request);
  CURL* curl = exchange->curl.get();
  if (curl == nullptr) return exchange->download.ended(FetchFailure{FetchFailure::Kind::other, "libcurl cannot be used"});
  set_common_options(curl, request, exchange->headers.get());
  keep_alive(curl);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body<Exchange>);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange.get());
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &take_header<Exchange>);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange.get());
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, exchange->why);
  curl_multi_add_handle(multi_->handle, curl);
  exchanges_.push_back(std::move(exchange));
}

void Downloads::turn(std::chrono::milliseconds longest) {
  int running = 0;
  curl_multi_perform(multi_->handle, &running);
  int left = 0;
  bool told = false;
  while (const CURLMsg* message = curl_multi_info_read(multi_->handle, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    finish(message->easy_handle, static_cast<int>(message->data.result));
    told = true;
  }
  if (told) return;
  curl_multi_poll(multi_->handle, nullptr, 0, static_cast<int>(std::clamp<std::int64_t>(longest.count(), 0, 60'000)), nullptr);
}

void Downloads::finish(void* handle, int result) {
  const auto found = std::ranges::find_if(exchanges_, [&](const auto& one) { return one->curl.get() == handle; });
  if (found == exchanges_.end()) return;
  const std::unique_ptr<Exchange> exchange = std::move(*found);
  exchanges_.erase(found);
  curl_multi_remove_handle(multi_->handle, handle);
  const auto code = static_cast<CURLcode>(result);
  if (exchange->enough) return exchange->download.ended(FetchFailure{FetchFailure::Kind::too_large, "more than is taken"});
  if (code != CURLE_OK)
    return exchange->download.ended(
        FetchFailure{kind_of(code), *exchange->why != '\0' ? exchange->why : curl_easy_strerror(code)});
  exchange->head.status = status_of(handle);
  exchange->download.ended(std::move(exchange->head));
}

void Downloads::wake() { curl_multi_wakeup(multi_->handle); }

}  // namespace probes::net
