#include "probes/revocation/pointers.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace probes::revocation {

namespace {

// RFC 3986 3.1: a scheme is the same in any case.
bool begins_with(std::string_view text, std::string_view scheme) {
  return text.size() > scheme.size() && std::equal(scheme.begin(), scheme.end(), text.begin(), [](char want, char has) {
           return want == std::tolower(static_cast<unsigned char>(has));
         });
}

std::string url_of(const GENERAL_NAME* name) {
  if (name->type != GEN_URI) return {};
  const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
  std::string url(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<std::size_t>(ASN1_STRING_length(text)));
  return may_be_asked(url) ? url : std::string();
}

std::vector<Alternatives> points(const X509* certificate, int extension) {
  const std::unique_ptr<CRL_DIST_POINTS, decltype(&CRL_DIST_POINTS_free)> found(
      static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(certificate, extension, nullptr, nullptr)), CRL_DIST_POINTS_free);
  std::vector<Alternatives> all;
  for (int i = 0; i < sk_DIST_POINT_num(found.get()) && all.size() < most_pointers; ++i) {
    const DIST_POINT_NAME* place = sk_DIST_POINT_value(found.get(), i)->distpoint;
    if (place == nullptr || place->type != 0) continue;
    Alternatives urls;
    for (int at = 0; at < sk_GENERAL_NAME_num(place->name.fullname) && urls.size() < most_pointers; ++at)
      if (std::string url = url_of(sk_GENERAL_NAME_value(place->name.fullname, at)); !url.empty()) urls.push_back(std::move(url));
    if (!urls.empty()) all.push_back(std::move(urls));
  }
  ERR_clear_error();
  return all;
}

}  // namespace

std::vector<Alternatives> list_urls(const X509* certificate) { return points(certificate, NID_crl_distribution_points); }
std::vector<Alternatives> delta_urls(const X509* certificate) { return points(certificate, NID_freshest_crl); }

std::vector<std::string> responder_urls(const X509* certificate) {
  const std::unique_ptr<AUTHORITY_INFO_ACCESS, decltype(&AUTHORITY_INFO_ACCESS_free)> found(
      static_cast<AUTHORITY_INFO_ACCESS*>(X509_get_ext_d2i(certificate, NID_info_access, nullptr, nullptr)),
      AUTHORITY_INFO_ACCESS_free);
  std::vector<std::string> urls;
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(found.get()) && urls.size() < most_pointers; ++i) {
    const ACCESS_DESCRIPTION* one = sk_ACCESS_DESCRIPTION_value(found.get(), i);
    if (OBJ_obj2nid(one->method) != NID_ad_OCSP) continue;
    if (std::string url = url_of(one->location); !url.empty()) urls.push_back(std::move(url));
  }
  ERR_clear_error();
  return urls;
}

bool may_be_asked(const std::string& url) {
  const bool printable = std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f'; });
  if (url.size() > longest_url || !printable || !(begins_with(url, "http://") || begins_with(url, "https://"))) return false;
  const std::size_t from = url.find("://") + 3;
  const std::string authority = url.substr(from, url.find_first_of("/?#", from) - from);
  return !authority.empty() && authority.find_first_of("@\\") == std::string::npos;
}

}  // namespace probes::revocation
