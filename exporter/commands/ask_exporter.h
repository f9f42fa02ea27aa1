// What a command asks of the running exporter over HTTP, because only it knows.
#pragma once

#include <string>
#include <string_view>

namespace exporter {

inline constexpr std::string_view usual_exporter = "http://127.0.0.1:10219";

// The body of the answer. Throws std::runtime_error, fit for people, where there is none or its status is not 200. Blocking.
[[nodiscard]] std::string ask_exporter(const std::string& exporter, const std::string& path);

// RFC 3986 2.1: everything but unreserved characters as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace exporter
