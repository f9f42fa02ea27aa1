#include "exporter/web/same_origin.h"

#include <algorithm>

namespace exporter::web {
namespace {

// "https://a.example:8443/x" -> "a.example:8443", with the scheme's own port left out, as Host and Origin have it.
std::string_view host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const bool tls = url.starts_with("https:");
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const std::string_view usual = tls ? ":443" : ":80";
  if (url.ends_with(usual)) url.remove_suffix(usual.size());
  return url;
}

bool same_host(std::string_view one, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return !one.empty() && std::ranges::equal(one, other, {}, lower, lower);
}

}  // namespace

// Fetch Metadata says it where a browser trusts the connection (HTTPS, loopback); Origin (RFC 6454 7) goes with every POST of a
// page.
bool from_another_site(const Request& request, std::string_view external_url) {
  const std::string_view site = request.header("sec-fetch-site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const std::string_view origin = request.header("origin");
  if (origin.empty()) return false;
  return !same_host(host_of(origin), request.header("host")) && !same_host(host_of(origin), host_of(external_url));
}

}  // namespace exporter::web
