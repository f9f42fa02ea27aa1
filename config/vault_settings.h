// The PKI engine of a Vault, or of what speaks its API (OpenBao): asked for what it has issued. Part of an authority
// (settings.h), and as immutable.
#pragma once

#include <chrono>
#include <string>

namespace config {

struct VaultPki {
  std::string url;                                               // "https://vault.internal:8200", without a slash at its end
  std::string mount = "pki";                                     // where the engine is mounted; may have slashes within
  std::string vault_namespace;                                   // X-Vault-Namespace; empty: the root one
  std::string token_file;                                        // read anew for every refresh; empty: none is sent
  std::string trust;                                             // a trust store for the server; empty: the system's
  std::string identity;                                          // our client certificate; empty: none
  std::chrono::milliseconds timeout = std::chrono::seconds(10);  // of one request
  bool operator==(const VaultPki&) const = default;
};

}  // namespace config
