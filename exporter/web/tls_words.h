// Go's words in the web configuration, and what they are to us.
#pragma once

#include <span>
#include <string_view>

#include "config/values.h"
#include "exporter/web/web_config.h"

namespace exporter::web {

[[nodiscard]] std::span<const config::Word<ClientAuthType>> client_auth_words();
[[nodiscard]] std::span<const config::Word<config::TlsVersion>> version_words();
// OpenSSL's names. Those of TLS 1.3 are empty: Go reads them too, and lets nobody choose among them.
[[nodiscard]] std::span<const config::Word<std::string_view>> cipher_words();
[[nodiscard]] std::span<const config::Word<std::string_view>> curve_words();

}  // namespace exporter::web
