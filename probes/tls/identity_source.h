// Where an identity's material comes from: one reader per source, each in a file of its own (identity_pem.cc,
// identity_pkcs12.cc, identity_pkcs11.cc). A reader never fails: what it could read is in the Material, what it could not is
// a problem there. Only identity.cc calls these. Blocking, any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "probes/observations/finding.h"
#include "probes/tls/handles.h"
#include "probes/tls/secret_file.h"

namespace probes::tls {

struct Material {
  std::vector<Ptr<X509>> chain;  // leaf first
  Ptr<EVP_PKEY> key;
  bool key_in_token = false;
  std::vector<observations::Problem> problems;

  // Notes a problem of the whole identity, with its usual severity.
  void note(observations::Finding finding, std::string detail);
};

// certificate_file, and the key in it, in key_file or in a token.
[[nodiscard]] Material read_pem(const config::Identity& settings);

// pkcs12_file. Old files use ciphers (RC2-40, 3DES) that only OpenSSL's legacy provider has.
[[nodiscard]] Material read_pkcs12(const config::Identity& settings);

// Puts the key named by the "pkcs11:" URI `settings.key` into `material`.
void read_token_key(const config::Identity& settings, Material& material);

// The passphrase in `path`, or none: then the reason is noted, unless no file is configured.
[[nodiscard]] std::optional<Secret> passphrase(const std::string& path, Material& material);

// A library context with the default and the legacy provider; the latter may not be installed. Shared, lives for ever.
[[nodiscard]] OSSL_LIB_CTX* context_with_legacy_ciphers();

// Whether this thread's OpenSSL error queue begins with an algorithm it does not know, rather than with data that does not
// decrypt.
[[nodiscard]] bool unknown_algorithm_in_errors();

// OpenSSL's words for the newest error of this thread's queue, which is cleared.
[[nodiscard]] std::string take_openssl_error();

}  // namespace probes::tls
