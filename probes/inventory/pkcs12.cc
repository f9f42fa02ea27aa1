// PKCS#12 (RFC 7292). Its certificates are usually encrypted: passphrases are tried in order, none at all first. The key is
// released unseen.
#include "probes/tls/pkcs12.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

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

// Null where they are of another shape.
template <typename T, auto release>
std::unique_ptr<T, tls::Release<release>> parameters(const ASN1_ITEM* item, const X509_ALGOR* algorithm) {
  return std::unique_ptr<T, tls::Release<release>>(static_cast<T*>(ASN1_TYPE_unpack_sequence(item, algorithm->parameter)));
}

long capped(const ASN1_INTEGER* count) {
  const long value = ASN1_INTEGER_get(count);  // -1: larger than a long
  return value < 0 || value > most_iterations ? most_iterations + 1 : std::max(value, 1L);
}

// How often a passphrase is hashed for the key of `algorithm`; what cannot be read OpenSSL does not use.
long iterations(const X509_ALGOR* algorithm) {
  const int kind = OBJ_obj2nid(algorithm->algorithm);
  if (kind == NID_pbes2) {  // RFC 8018 A.4: one algorithm derives the key, another enciphers
    const auto both = parameters<PBE2PARAM, PBE2PARAM_free>(ASN1_ITEM_rptr(PBE2PARAM), algorithm);
    return !both || OBJ_obj2nid(both->keyfunc->algorithm) == NID_pbes2 ? 0 : iterations(both->keyfunc);
  }
  if (kind == NID_id_pbkdf2) {
    const auto derived = parameters<PBKDF2PARAM, PBKDF2PARAM_free>(ASN1_ITEM_rptr(PBKDF2PARAM), algorithm);
    return derived ? capped(derived->iter) : 0;
  }
  if (kind == NID_id_scrypt) {  // RFC 7914 7: the work is the product of the three
    const auto derived = parameters<SCRYPT_PARAMS, SCRYPT_PARAMS_free>(ASN1_ITEM_rptr(SCRYPT_PARAMS), algorithm);
    if (!derived) return 0;
    const long work = std::min(capped(derived->costParameter) * capped(derived->blockSize), most_iterations + 1);
    return work * capped(derived->parallelizationParameter);
  }
  const auto old = parameters<PBEPARAM, PBEPARAM_free>(ASN1_ITEM_rptr(PBEPARAM), algorithm);
  return old ? capped(old->iter) : 0;
}

using Bags = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), void (*)(STACK_OF(PKCS12_SAFEBAG)*)>;
using Safes = std::unique_ptr<STACK_OF(PKCS7), void (*)(STACK_OF(PKCS7)*)>;

// The most that is asked for in what lies in the clear.
long costliest(const STACK_OF(PKCS12_SAFEBAG) * bags) {
  long most = 0;
  for (int index = 0; index < sk_PKCS12_SAFEBAG_num(bags); ++index) {
    const PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_value(bags, index);
    const int kind = PKCS12_SAFEBAG_get_nid(bag);
    const X509_ALGOR* algorithm = nullptr;
    if (kind == NID_safeContentsBag) most = std::max(most, costliest(PKCS12_SAFEBAG_get0_safes(bag)));
    if (kind != NID_pkcs8ShroudedKeyBag) continue;
    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, nullptr);
    most = std::max(most, iterations(algorithm));
  }
  return most;
}

long costliest_key(const PKCS12* file) {
  const Safes safes(PKCS12_unpack_authsafes(file), [](STACK_OF(PKCS7) * all) { sk_PKCS7_pop_free(all, PKCS7_free); });
  long most = 0;
  for (int index = 0; index < sk_PKCS7_num(safes.get()); ++index) {
    PKCS7* safe = sk_PKCS7_value(safes.get(), index);
    if (PKCS7_type_is_encrypted(safe) && safe->d.encrypted != nullptr) {
      most = std::max(most, iterations(safe->d.encrypted->enc_data->algorithm));
    } else if (PKCS7_type_is_data(safe)) {
      const Bags bags(PKCS12_unpack_p7data(safe),
                      [](STACK_OF(PKCS12_SAFEBAG) * all) { sk_PKCS12_SAFEBAG_pop_free(all, PKCS12_SAFEBAG_free); });
      most = std::max(most, costliest(bags.get()));
    }
  }
  return most;
}

// The friendlyName that stands with the certificate.
std::string alias_of(X509* certificate) {
  int size = 0;
  const unsigned char* name = X509_alias_get0(certificate, &size);
  return name == nullptr || size <= 0 ? std::string()
                                      : std::string(reinterpret_cast<const char*>(name), static_cast<std::size_t>(size));
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
  if (tls::has_unknown_mac(file.get())) return reading.trouble(SourceReason::unsupported_format, std::string(tls::unknown_mac));
  if (const long count = iterations(file.get()); count < 0 || std::max(count, costliest_key(file.get())) > most_iterations)
    return reading.trouble(SourceReason::bad_pkcs12,
                           "its passphrase is to be hashed more than " + std::to_string(most_iterations) + " times");
  tls::Pkcs12Contents contents;
  bool unknown_algorithm = false;
  if (!open(file.get(), reading.passphrases(), contents, unknown_algorithm)) {
    const std::string error = tls::take_openssl_error();
    if (unknown_algorithm) return reading.trouble(SourceReason::bad_pkcs12, error);
    const std::string tried = reading.passphrases().empty() ? "it needs a passphrase and none is configured"
                                                            : "none of the passphrases configured opens it";
    return reading.trouble(SourceReason::bad_passphrase, tried + " (" + error + ")");
  }
  ERR_clear_error();
  if (contents.leaf) reading.certificate(contents.leaf.get(), alias_of(contents.leaf.get()));
  for (const auto& other : contents.others) reading.certificate(other.get(), alias_of(other.get()));
}

}  // namespace probes::inventory
