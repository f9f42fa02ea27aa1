// What every exchange of ours over libcurl has in common. Private to probes/net/.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "probes/net/fetch.h"

namespace probes::net {

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using CurlHeaders = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// Null: libcurl cannot be used.
[[nodiscard]] CurlHandle curl_handle();

[[nodiscard]] CurlHeaders curl_headers(const FetchRequest& request);

// `request` and `headers` outlive the exchange.
void set_common_options(CURL* curl, const FetchRequest& request, curl_slist* headers);

[[nodiscard]] FetchFailure::Kind kind_of(CURLcode code);

// Adds a line of an answer's head to `headers`.
void take_header_line(std::string_view line, std::map<std::string, std::string>& headers);

}  // namespace probes::net
