// Identities in PKCS#12 (RFC 7292). OpenSSL's legacy provider opens the files of old tools (RC2-40, 3DES); it is loaded into
// a library context of its own, so that no handshake can ever use what it offers.
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "probes/tls/identity_source.h"

namespace probes::tls {

using observations::Finding;

namespace {

using Certificates = std::vector<Ptr<X509>>;

struct Contents {
  Ptr<EVP_PKEY> key;
  Ptr<X509> leaf;
  Certificates others;
};

Ptr<PKCS12> parsed(std::string_view der) {
  PKCS12* file = PKCS12_init_ex(NID_pkcs7_data, context_with_legacy_ciphers(), nullptr);
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  if (file && !d2i_PKCS12(&file, &data, static_cast<long>(der.size()))) file = nullptr;  // d2i has released it
  return Ptr<PKCS12>(file);
}

// Moves an object out of the context with the legacy ciphers, into the default one.
Ptr<EVP_PKEY> in_default_context(const EVP_PKEY* key) {
  PKCS8_PRIV_KEY_INFO* plain = EVP_PKEY2PKCS8(key);
  Ptr<EVP_PKEY> moved(plain ? EVP_PKCS82PKEY(plain) : nullptr);
  PKCS8_PRIV_KEY_INFO_free(plain);
  return moved;
}

Ptr<X509> in_default_context(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  const unsigned char* data = der;
  Ptr<X509> moved(size > 0 ? d2i_X509(nullptr, &data, size) : nullptr);
  OPENSSL_free(der);
  return moved;
}

// PKCS12_parse() knows the two ways of having no passphrase, null and empty, and finds the certificate that fits the key.
bool open(PKCS12* file, const std::optional<Secret>& secret, Contents& contents) {
  Secret terminated(secret ? secret->view().size() + 1 : 1);
  if (secret) std::copy(secret->view().begin(), secret->view().end(), terminated.data());
  EVP_PKEY* key = nullptr;
  X509* leaf = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (PKCS12_parse(file, terminated.data(), &key, &leaf, &others) != 1) return false;
  if (key) contents.key = in_default_context(key);
  if (leaf) contents.leaf = in_default_context(leaf);
  for (int index = 0; index < sk_X509_num(others); ++index)
    if (Ptr<X509> moved = in_default_context(sk_X509_value(others, index))) contents.others.push_back(std::move(moved));
  EVP_PKEY_free(key);
  X509_free(leaf);
  sk_X509_pop_free(others, X509_free);
  return true;
}

bool issued(X509* issuer, X509* subject) { return X509_check_issued(issuer, subject) == X509_V_OK; }

// PKCS#12 has no order; a handshake has one. What is not above the leaf stays, behind.
Certificates in_order(Contents contents) {
  Certificates chain;
  if (!contents.leaf && !contents.others.empty()) {
    contents.leaf = std::move(contents.others.front());
    contents.others.erase(contents.others.begin());
  }
  if (contents.leaf) chain.push_back(std::move(contents.leaf));
  while (!contents.others.empty()) {
    const auto above = std::find_if(contents.others.begin(), contents.others.end(),
                                    [&](const Ptr<X509>& other) { return issued(other.get(), chain.back().get()); });
    const auto next = above != contents.others.end() ? above : contents.others.begin();
    chain.push_back(std::move(*next));
    contents.others.erase(next);
  }
  return chain;
}

void note_closed_file(const std::string& path, bool passphrase_given, bool passphrase_expected, Material& material) {
  const bool unknown = unknown_algorithm_in_errors();
  const std::string error = take_openssl_error();
  if (unknown) return material.note(Finding::certificate_unreadable, path + ": " + error);
  if (passphrase_given)
    return material.note(Finding::passphrase_wrong, path + ": the passphrase does not open it (" + error + ")");
  if (!passphrase_expected)
    material.note(Finding::passphrase_missing, path + ": it needs a passphrase and no passphrase_file is configured");
}

}  // namespace

Material read_pkcs12(const config::Identity& settings) {
  const std::string& path = settings.pkcs12_file;
  Material material;
  const std::optional<Secret> secret = passphrase(settings.passphrase_file, material);
  const FileContent content = read_file(path, identity_file_limit);
  if (!content.good()) {
    material.note(content.missing ? Finding::certificate_missing : Finding::certificate_unreadable,
                  path + ": " + content.trouble);
    return material;
  }
  ERR_clear_error();
  const Ptr<PKCS12> file = parsed(content.bytes.view());
  Contents contents;
  if (!file) {
    material.note(Finding::certificate_unreadable, path + ": it is not PKCS#12 (" + take_openssl_error() + ")");
  } else if (!open(file.get(), secret, contents)) {
    note_closed_file(path, secret.has_value(), !settings.passphrase_file.empty(), material);
  } else {
    material.key = std::move(contents.key);
    material.chain = in_order(std::move(contents));
    if (material.chain.empty()) material.note(Finding::certificate_missing, path + ": there is no certificate in it");
    if (!material.key) material.note(Finding::key_missing, path + ": there is no private key in it");
    if (material.key && content.world_readable)
      material.note(Finding::world_readable_key, path + ": every user of this machine may read it");
  }
  return material;
}

}  // namespace probes::tls
