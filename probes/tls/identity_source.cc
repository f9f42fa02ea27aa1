#include "probes/tls/identity_source.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>

namespace probes::tls {

using observations::Finding;

void Material::note(Finding finding, std::string detail) {
  problems.push_back({finding, observations::row(finding).severity, std::nullopt, std::move(detail)});
}

std::optional<Secret> passphrase(const std::string& path, Material& material) {
  if (path.empty()) return std::nullopt;
  FileContent file = read_passphrase(path);
  if (file.good()) return std::move(file.bytes);
  material.note(Finding::passphrase_missing, path + ": " + file.trouble);
  return std::nullopt;
}

OSSL_LIB_CTX* context_with_legacy_ciphers() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_load(made, "default");
    OSSL_PROVIDER_load(made, "legacy");  // absent where the distribution packs it apart: then such files are unreadable
    ERR_clear_error();
    return made;
  }();
  return context;
}

std::string take_openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason ? reason : code ? "error " + std::to_string(code) : "no reason given";
}

bool unknown_algorithm_in_errors() {
  const unsigned long first = ERR_peek_error();
  const int reason = ERR_GET_REASON(first);
  return reason == ERR_R_UNSUPPORTED ||
         (ERR_GET_LIB(first) == ERR_LIB_EVP && (reason == EVP_R_UNKNOWN_PBE_ALGORITHM || reason == EVP_R_UNSUPPORTED_CIPHER)) ||
         (ERR_GET_LIB(first) == ERR_LIB_PEM && reason == PEM_R_UNSUPPORTED_ENCRYPTION);
}

}  // namespace probes::tls
