// What a responder is asked (RFC 6960 4.1) and how over HTTP (appendix A). Pure functions; any thread; OpenSSL's error queue is
// left clear.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <openssl/x509.h>

namespace probes::revocation {

struct OcspRequest {
  std::string der;  // of an OCSPRequest about one certificate; empty: it could not be made
  std::string id;   // of the CertID in it, which tells questions apart
};

[[nodiscard]] OcspRequest ocsp_request(const X509* certificate, X509* issuer, bool nonce);

// The URL of the same request as a GET; nothing where it would be longer than every server takes (RFC 6960 A.1: 255 bytes).
[[nodiscard]] std::optional<std::string> get_url(const std::string& responder, std::string_view request_der);

// Whether the answer is to this request: false where it has a nonce, and another one. Responders that answer from a store leave
// it out, which is no fault.
[[nodiscard]] bool nonce_fits(std::string_view request_der, std::string_view answer);

}  // namespace probes::revocation
