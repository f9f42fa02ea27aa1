#include "probes/chain/hostname.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <string>

namespace probes::chain {

namespace {

bool is_address(const std::string& name) {
  ASN1_OCTET_STRING* octets = a2i_IPADDRESS(name.c_str());
  const bool address = octets != nullptr;
  ASN1_OCTET_STRING_free(octets);
  return address;
}

bool matches(X509* leaf, const std::string& name) {
  if (is_address(name)) return X509_check_ip_asc(leaf, name.c_str(), 0) == 1;
  // RFC 6125 6.4.3: the wildcard is the whole left-most label; "f*.example" matches nothing.
  return X509_check_host(leaf, name.data(), name.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

}  // namespace

bool hostname_matches(X509* leaf, std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  // OpenSSL would take a leading dot as "any host below", which no host is called.
  if (name.empty() || name.front() == '.' || name.find('\0') != std::string_view::npos) return false;
  const bool matched = matches(leaf, std::string(name));
  ERR_clear_error();
  return matched;
}

}  // namespace probes::chain
