// OCSP answers as servers staple them. Nobody but this process has the issuer's key: whatever the bytes say, nothing is good or
// revoked.
#include <openssl/err.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "probes/revocation/ocsp.h"

namespace {

using probes::tls::Ptr;

struct Issuer {
  Ptr<EVP_PKEY> key{EVP_EC_gen("P-256")};
  Ptr<X509> certificate{X509_new()};

  Issuer() {
    X509* made = certificate.get();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 86400);
    X509_set_pubkey(made, key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("ca"), -1,
                               -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(made));
    X509_sign(made, key.get(), EVP_sha256());
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using probes::observations::RevocationStatus;
  static const Issuer issuer;
  const auto read =
      probes::revocation::read_answer({reinterpret_cast<const char*>(data), size},
                                      {.certificate = issuer.certificate.get(),
                                       .issuer = issuer.certificate.get(),
                                       .at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())});
  const RevocationStatus status = read.answer.status;
  if (status == RevocationStatus::good || status == RevocationStatus::revoked || ERR_peek_error() != 0) std::abort();
  return 0;
}
