// One name for each group of a key exchange, whichever OpenSSL runs: what 3.0 calls it, or the newer library where 3.0 has none.
#pragma once

#include <string_view>

namespace probes::tls {

// `openssl`: as SSL_group_to_name() has it. "x25519" and "X25519" are "X25519". What has no other name is returned as it came,
// and lives as long.
[[nodiscard]] std::string_view group_name(std::string_view openssl);

}  // namespace probes::tls
