// Turns OpenSSL's certificate into facts, and remembers the facts by fingerprint: ten thousand targets behind fifty
// certificates are read fifty times. Certificates are hostile: every field may be absent, huge or malformed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <openssl/x509.h>

#include "probes/observations/certificate.h"

namespace probes::tls {

// Reads every fact afresh. Never fails: what cannot be read stays empty (probes/observations/unreadable.h says of it). Leaves
// OpenSSL's error queue clear. Any thread.
[[nodiscard]] observations::CertificateDraft facts(X509* certificate);

// The remembered facts of this certificate (by SHA-256 of its DER), reading them on first sight. An entry is forgotten
// some time after nobody holds it any more. Any thread.
[[nodiscard]] observations::CertificatePtr remembered_facts(X509* certificate);

// How often facts() has run for remembered_facts(), since the start.
[[nodiscard]] std::uint64_t facts_extracted();

// The certificate as it was sent; empty where OpenSSL cannot write it. Any thread.
[[nodiscard]] std::string der(X509* certificate);

// Lower-case hex of the SHA-256 over the DER.
[[nodiscard]] std::string fingerprint_sha256(X509* certificate);

// The 32 octets of the SHA-256 over `bytes`.
[[nodiscard]] std::string digest_sha256(std::string_view bytes);

// RFC 2253 with UTF-8 left readable; where the encoding does not convert (a broken BMPString), every octet escaped.
[[nodiscard]] std::string name_text(const X509_NAME* name);

// Every date of a certificate ends in 9999, far inside 64 bits: no time_t, no wrap.
[[nodiscard]] observations::Date date_of(const ASN1_TIME* time);

}  // namespace probes::tls
