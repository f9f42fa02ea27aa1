// What every exchange of ours over libcurl has in common. Private to probes/net/.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "probes/net/fetch.h"

struct curl_slist;

namespace probes::net {

using CurlHandle = std::unique_ptr<void, void (*)(void*)>;
using CurlHeaders = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

// Null: libcurl cannot be used.
[[nodiscard]] CurlHandle curl_handle();

[[nodiscard]] CurlHeaders curl_headers(const FetchRequest& request);

// `request` and `headers` outlive the exchange.
void set_common_options(void* curl, const FetchRequest& request, curl_slist* headers);

[[nodiscard]] FetchFailure::Kind kind_of(int code);  // a CURLcode

// Adds a line of an answer's head to `headers`.
void take_header_line(std::string_view line, std::map<std::string, std::string>& headers);

}  // namespace probes::net
