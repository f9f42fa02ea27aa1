#include "tests/support/test_answer.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace tests::support {

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "test_answer: %s\n", what);
  std::abort();
}

using Time = std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)>;

Time time_at(std::chrono::seconds from_now) {
  Time time(X509_time_adj_ex(nullptr, 0, from_now.count(), nullptr), ASN1_TIME_free);
  return {ASN1_TIME_to_generalizedtime(time.get(), nullptr), ASN1_TIME_free};
}

void tell(OCSP_BASICRESP* basic, const Issued& certificate, const Issued& issuer, const WantedAnswer& wanted) {
  OCSP_CERTID* id =
      OCSP_cert_to_id(EVP_get_digestbyname(wanted.digest.c_str()), certificate.certificate.get(), issuer.certificate.get());
  const Time begin = time_at(wanted.starts), end = time_at(wanted.ends.value_or(std::chrono::seconds(0)));
  const int status = wanted.status == Told::good      ? V_OCSP_CERTSTATUS_GOOD
                     : wanted.status == Told::revoked ? V_OCSP_CERTSTATUS_REVOKED
                                                      : V_OCSP_CERTSTATUS_UNKNOWN;
  require(OCSP_basic_add1_status(basic, id, status, wanted.reason, begin.get(), begin.get(), wanted.ends ? end.get() : nullptr) !=
              nullptr,
          "status");
  OCSP_CERTID_free(id);
}

std::string der_of(OCSP_RESPONSE* response) {
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_RESPONSE(response, &der);
  require(size > 0, "DER");
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  OCSP_RESPONSE_free(response);
  return text;
}

}  // namespace

std::string answer_about(const Issued& certificate, const Issued& issuer, const WantedAnswer& wanted) {
  OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
  if (wanted.also != nullptr) {
    WantedAnswer other = wanted;
    other.status = Told::revoked;
    tell(basic, *wanted.also, issuer, other);
  }
  tell(basic, certificate, issuer, wanted);
  const Issued& signer = wanted.signer == nullptr ? issuer : *wanted.signer;
  require(OCSP_basic_sign(basic, signer.certificate.get(), signer.key.get(), EVP_sha256(), nullptr,
                          wanted.carries_signer ? 0 : OCSP_NOCERTS) == 1,
          "signature");
  OCSP_RESPONSE* response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  OCSP_BASICRESP_free(basic);
  return der_of(response);
}

std::string refusal_to_answer(int status) { return der_of(OCSP_response_create(status, nullptr)); }

}  // namespace tests::support
