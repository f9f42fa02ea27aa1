// Opens PKCS#12 files (RFC 7292). OpenSSL's legacy provider opens those of old tools (RC2-40, 3DES); it is loaded into a library
// context of its own, so that no handshake can ever use what it offers. Any thread.
#pragma once

#include <string_view>
#include <vector>

#include "probes/tls/handles.h"

namespace probes::tls {

// What a file holds, in the default library context.
struct Pkcs12Contents {
  Ptr<EVP_PKEY> key;              // null: none, or none that can be read
  Ptr<X509> leaf;                 // the certificate that fits the key; null without one
  std::vector<Ptr<X509>> others;  // in the order of the file
};

// Null when it is no PKCS#12; then the reason is in OpenSSL's error queue.
[[nodiscard]] Ptr<PKCS12> parse_pkcs12(std::string_view der);

// Whether its integrity is protected by PBMAC1, which this OpenSSL does not know: no passphrase opens it.
[[nodiscard]] bool has_unknown_mac(const PKCS12* file);
inline constexpr std::string_view unknown_mac =
    "a PKCS#12 file with PBMAC1 (RFC 9579), which OpenSSL reads from 3.4 on; write it anew with `openssl pkcs12 -export` and no "
    "`-pbmac1_pbkdf2`";

// Opens `file` with `passphrase` (UTF-8; empty stands for both ways of having none, null and empty). False when it does not open,
// with the reason in OpenSSL's error queue.
[[nodiscard]] bool open_pkcs12(PKCS12* file, std::string_view passphrase, Pkcs12Contents& contents);

}  // namespace probes::tls
