// Where a certificate says that its revocation can be asked: its distribution points (RFC 5280 4.2.1.13), those of deltas
// (4.2.1.15) and its issuer's responder (4.2.2.1). Foreign text: bounded in number and length, http and https alone. Pure
// functions; any thread.
#pragma once

#include <string>
#include <vector>

#include <openssl/x509.h>

namespace probes::revocation {

inline constexpr std::size_t most_pointers = 8;   // of each kind; no honest certificate has more
inline constexpr std::size_t longest_url = 2048;  // bytes

// Of one distribution point: where the same list can be had, in the order of the certificate.
using Alternatives = std::vector<std::string>;

[[nodiscard]] std::vector<Alternatives> list_urls(const X509* certificate);
[[nodiscard]] std::vector<Alternatives> delta_urls(const X509* certificate);
[[nodiscard]] std::vector<std::string> responder_urls(const X509* certificate);

// Whether this is a URL that may be asked at all: http or https, a host and nothing before it (a name, a
// password), printable, not too long.
[[nodiscard]] bool may_be_asked(const std::string& url);

}  // namespace probes::revocation
