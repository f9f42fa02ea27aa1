// PKCS#12 (RFC 7292). Its certificates are usually encrypted: passphrases are tried in order, none at all first. The key is released
// unseen.
#include "probes/tls/pkcs12.h"

#include <openssl/err.h>

#include "probes/inventory/der.h"
#include "probes/inventory/reading.h"
#include "probes/tls/identity_source.h"

namespace probes::inventory {

using observations::SourceReason;

namespace {

// A passphrase is tried by hashing it this often at most: a second or so. Tools write 2,048 to 600,000.
constexpr long most_iterations = 5'000'000;

long iterations(const PKCS12* file) {
  const ASN1_INTEGER* count = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &count, file);
  return count == nullptr ? 1 : ASN1_INTEGER_get(count);
}

// The friendlyName that stands with the certificate.
std::string alias_of(X509* certificate) {
  int size = 0;
  const unsigned char* name = X509_alias_get0(certificate, &size);
  return name == nullptr || size <= 0 ? std::string() : std::string(reinterpret_cast<const char*>(name), static_cast<std::size_t>(size));
}

bool open(PKCS12* file, std::span<const tls::Secret> passphrases, tls::Pkcs12Contents& contents, bool& unknown_algorithm) {
  ERR_clear_error();
  if (tls::open_pkcs12(file, {}, contents)) return true;
  for (const tls::Secret& passphrase : passphrases) {
    unknown_algorithm = unknown_algorithm || tls::unknown_algorithm_in_errors();
    ERR_clear_error();
    if (tls::open_pkcs12(file, passphrase.view(), contents)) return true;
  }
  unknown_algorithm = unknown_algorithm || tls::unknown_algorithm_in_errors();
  return false;
}

}  // namespace

bool is_pkcs12(std::string_view bytes) {
  // RFC 7292 4: version INTEGER {v3(3)}, authSafe ContentInfo.
  constexpr std::string_view version("\x02\x01\x03\x30", 4);
  const auto inside = inside_sequence(bytes);
  return inside && inside->starts_with(version);
}

void read_pkcs12(std::string_view bytes, Reading reading) {
  ERR_clear_error();
  const tls::Ptr<PKCS12> file = tls::parse_pkcs12(bytes);
  if (!file) return reading.trouble(SourceReason::bad_pkcs12, tls::take_openssl_error());
  if (const long count = iterations(file.get()); count < 0 || count > most_iterations)
    return reading.trouble(SourceReason::bad_pkcs12, "its passphrase is to be hashed more than " + std::to_string(most_iterations) + " times");
  tls::Pkcs12Contents contents;
  bool unknown_algorithm = false;
  if (!open(file.get(), reading.passphrases(), contents, unknown_algorithm)) {
    const std::string error = tls::take_openssl_error();
    if (unknown_algorithm) return reading.trouble(SourceReason::bad_pkcs12, error);
    const std::string tried = reading.passphrases().empty() ? "it needs a passphrase and none is configured" : "none of the passphrases configured opens it";
    return reading.trouble(SourceReason::bad_passphrase, tried + " (" + error + ")");
  }
  ERR_clear_error();
  if (contents.leaf) reading.certificate(contents.leaf.get(), alias_of(contents.leaf.get()));
  for (const auto& other : contents.others) reading.certificate(other.get(), alias_of(other.get()));
  if (!contents.leaf && contents.others.empty()) reading.trouble(SourceReason::no_certificates, "a keystore without certificates");
}

}  // namespace probes::inventory
