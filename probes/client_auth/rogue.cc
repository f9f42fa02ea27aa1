#include "probes/client_auth/rogue.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <initializer_list>

namespace probes::client_auth {

using tls::Ptr;

namespace {

// A day of leeway for clocks; a year, so that a refusal is never about the dates while a process lives.
constexpr std::chrono::hours before(24);
constexpr std::chrono::hours after(24 * 365);

// What the lookalike shares with its original. Key identifiers are its own; distribution points would send servers to fetch.
constexpr std::initializer_list<int> copied = {NID_basic_constraints, NID_key_usage, NID_ext_key_usage, NID_subject_alt_name,
                                               NID_certificate_policies};

struct Forged {
  Ptr<X509> certificate;
  Ptr<EVP_PKEY> key;
};

// RFC 5280 4.1.2.2: positive, unique, at most 20 octets.
bool set_random_serial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7F) | 0x40);
  BIGNUM* number = BN_bin2bn(bytes, sizeof bytes, nullptr);
  const bool set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
  return set;
}

// A certificate that lacks only its extensions and its signature.
Forged drafted(X509_NAME* subject, X509_NAME* issuer, std::chrono::sys_seconds now) {
  Forged forged{Ptr<X509>(X509_new()), Ptr<EVP_PKEY>(EVP_EC_gen("P-256"))};
  X509* certificate = forged.certificate.get();
  const auto seconds = [](std::chrono::sys_seconds time) { return static_cast<time_t>(time.time_since_epoch().count()); };
  const bool drafted = certificate && forged.key && X509_set_version(certificate, X509_VERSION_3) == 1 &&
                       set_random_serial(certificate) && ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(now - before)) &&
                       ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(now + after)) &&
                       X509_set_subject_name(certificate, subject) == 1 && X509_set_issuer_name(certificate, issuer) == 1 &&
                       X509_set_pubkey(certificate, forged.key.get()) == 1;
  if (!drafted) forged.certificate.reset();
  return forged;
}

bool extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  const bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool copy_extensions(X509* from, X509* to) {
  for (const int nid : copied) {
    const int index = X509_get_ext_by_NID(from, nid, -1);
    if (index >= 0 && X509_add_ext(to, X509_get_ext(from, index), -1) != 1) return false;
  }
  return true;
}

bool sign(X509* certificate, EVP_PKEY* key) { return X509_sign(certificate, key, EVP_sha256()) > 0; }

Forged authority(X509_NAME* name, std::chrono::sys_seconds now) {
  Forged forged = drafted(name, name, now);
  X509* certificate = forged.certificate.get();
  const bool made = certificate && extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE") &&
                    extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    extend(certificate, certificate, NID_subject_key_identifier, "hash") && sign(certificate, forged.key.get());
  if (!made) forged.certificate.reset();
  return forged;
}

// Issues `draft`, whose own extensions are set, under a fresh authority, and sends that authority along: a door that trusts
// whatever chain a client brings must be found open.
tls::IdentityPtr issued(Forged draft, X509_NAME* issuer, std::chrono::sys_seconds now, bool authority_key_identifier) {
  const Forged ca = authority(issuer, now);
  X509* leaf = draft.certificate.get();
  const bool made =
      leaf && ca.certificate && extend(leaf, ca.certificate.get(), NID_subject_key_identifier, "hash") &&
      (!authority_key_identifier || extend(leaf, ca.certificate.get(), NID_authority_key_identifier, "keyid:always")) &&
      sign(leaf, ca.key.get());
  ERR_clear_error();
  return made ? tls::Identity::of("rogue", {leaf, ca.certificate.get()}, draft.key.get()) : nullptr;
}

}  // namespace

tls::IdentityPtr rogue(const tls::Identity& original, std::chrono::sys_seconds now, bool authority_key_identifier) {
  if (original.chain().empty()) return nullptr;
  X509* leaf = original.chain().front().get();
  X509_NAME* issuer = X509_get_issuer_name(leaf);
  Forged draft = drafted(X509_get_subject_name(leaf), issuer, now);
  if (!draft.certificate || !copy_extensions(leaf, draft.certificate.get())) return nullptr;
  return issued(std::move(draft), issuer, now, authority_key_identifier);
}

tls::IdentityPtr nobody(std::chrono::sys_seconds now) {
  const Ptr<X509_NAME> name(X509_NAME_new());
  const auto* common_name = reinterpret_cast<const unsigned char*>("mtls_exporter rogue");
  if (!name || X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_UTF8, common_name, -1, -1, 0) != 1) return nullptr;
  Forged draft = drafted(name.get(), name.get(), now);
  X509* leaf = draft.certificate.get();
  if (!leaf || !extend(leaf, leaf, NID_basic_constraints, "critical,CA:FALSE") ||
      !extend(leaf, leaf, NID_key_usage, "critical,digitalSignature") || !extend(leaf, leaf, NID_ext_key_usage, "clientAuth"))
    return nullptr;
  return issued(std::move(draft), name.get(), now, true);
}

}  // namespace probes::client_auth
