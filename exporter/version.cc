#include "exporter/version.h"

#include <openssl/crypto.h>

namespace exporter {

const Build& build() {
  static const Build build{.version = MTLS_VERSION,
                           .revision = MTLS_REVISION,
                           .compiler = "g++ " __VERSION__,
                           .openssl = OpenSSL_version(OPENSSL_VERSION_STRING)};
  return build;
}

std::string build_line() {
  const Build& b = build();
  return "mtls_exporter " + b.version + " (revision " + b.revision + ", " + b.compiler + ", OpenSSL " + b.openssl + ")";
}

std::string_view version() { return build().version; }

}  // namespace exporter
