// A wire as OpenSSL sees it.
#pragma once

#include <openssl/bio.h>

#include "probes/net/wire.h"

namespace probes::tls {

// `wire` outlives it. Null: out of memory.
[[nodiscard]] BIO* wire_bio(net::Wire& wire);

}  // namespace probes::tls
