#include "probes/revocation/ocsp_request.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>

#include <memory>

#include "probes/bytes/base64.h"

namespace probes::revocation {

namespace {

// RFC 6960 A.1.
constexpr std::size_t longest_get = 255;

using Request = std::unique_ptr<OCSP_REQUEST, decltype(&OCSP_REQUEST_free)>;
using Response = std::unique_ptr<OCSP_RESPONSE, decltype(&OCSP_RESPONSE_free)>;
using Basic = std::unique_ptr<OCSP_BASICRESP, decltype(&OCSP_BASICRESP_free)>;

template <typename Encode, typename Value>
std::string der_of(Encode encode, const Value* value) {
  unsigned char* bytes = nullptr;
  const int size = encode(value, &bytes);
  std::string der;
  if (size > 0) der.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

// RFC 5019 2.1.1: SHA-1 is what every responder knows; it only names the issuer here.
OcspRequest ocsp_request(const X509* certificate, X509* issuer, bool nonce) {
  OcspRequest made;
  const Request request(OCSP_REQUEST_new(), OCSP_REQUEST_free);
  OCSP_CERTID* id = OCSP_cert_to_id(EVP_sha1(), certificate, issuer);
  if (request && id != nullptr) {
    made.id = der_of(&i2d_OCSP_CERTID, id);
    if (OCSP_request_add0_id(request.get(), id) == nullptr) OCSP_CERTID_free(id);
    else if (!nonce || OCSP_request_add1_nonce(request.get(), nullptr, 32) == 1)
      made.der = der_of(&i2d_OCSP_REQUEST, request.get());
  }
  ERR_clear_error();
  return made;
}

std::optional<std::string> get_url(const std::string& responder, std::string_view request_der) {
  std::string url = responder + (responder.ends_with('/') ? "" : "/");
  for (const char c : bytes::base64(request_der)) {
    if (c == '+') url += "%2B";
    else if (c == '/') url += "%2F";
    else if (c == '=') url += "%3D";
    else url += c;
  }
  return url.size() <= longest_get ? std::optional(std::move(url)) : std::nullopt;
}

bool nonce_fits(std::string_view request_der, std::string_view answer) {
  const auto* at = reinterpret_cast<const unsigned char*>(request_der.data());
  const Request request(d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(request_der.size())), OCSP_REQUEST_free);
  at = reinterpret_cast<const unsigned char*>(answer.data());
  const Response response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(answer.size())), OCSP_RESPONSE_free);
  const Basic basic(response ? OCSP_response_get1_basic(response.get()) : nullptr, OCSP_BASICRESP_free);
  // 0: both have one and they differ; 3: the answer alone has one.
  const int fits = request && basic ? OCSP_check_nonce(request.get(), basic.get()) : 1;
  ERR_clear_error();
  return fits != 0;
}

}  // namespace probes::revocation
