// PKCS#7 SignedData (RFC 2315 9.1): certificates and revocation lists without order, often signed by nobody.
#include <openssl/err.h>
#include <openssl/pkcs7.h>

#include <memory>

#include "probes/inventory/der.h"
#include "probes/inventory/reading.h"

namespace probes::inventory {

using observations::SourceReason;

bool is_pkcs7(std::string_view bytes) {
  constexpr std::string_view signed_data("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11);
  const auto inside = inside_sequence(bytes);
  return inside && inside->starts_with(signed_data);
}

namespace {

void take(const X509_CRL* list, Reading& reading) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_CRL(list, &der);
  const bool taken = size > 0 && reading.revocation_list({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  if (!taken) reading.trouble(SourceReason::bad_crl, "a revocation list that cannot be read");
}

}  // namespace

void read_pkcs7(std::string_view bytes, Reading reading) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const std::unique_ptr<PKCS7, decltype(&PKCS7_free)> message(d2i_PKCS7(nullptr, &at, static_cast<long>(bytes.size())),
                                                              PKCS7_free);
  ERR_clear_error();
  if (!message || !PKCS7_type_is_signed(message.get()) || message->d.sign == nullptr)
    return reading.trouble(SourceReason::bad_pkcs7, "no signed data, which is where certificates are");
  const STACK_OF(X509)* certificates = message->d.sign->cert;
  const STACK_OF(X509_CRL)* lists = message->d.sign->crl;
  for (int index = 0; index < sk_X509_num(certificates); ++index) reading.certificate(sk_X509_value(certificates, index));
  for (int index = 0; index < sk_X509_CRL_num(lists); ++index) take(sk_X509_CRL_value(lists, index), reading);
  if (sk_X509_num(certificates) <= 0 && sk_X509_CRL_num(lists) <= 0)
    reading.trouble(SourceReason::no_certificates, "signed data without certificates");
}

}  // namespace probes::inventory
