#include "exporter/web/tls_words.h"

#include <array>

namespace exporter::web {

using config::TlsVersion;
using config::Word;

std::span<const Word<ClientAuthType>> client_auth_words() {
  static constexpr std::array<Word<ClientAuthType>, 6> words = {{
      {"NoClientCert", ClientAuthType::no_client_cert},
      {"RequestClientCert", ClientAuthType::request_client_cert},
      {"RequireAnyClientCert", ClientAuthType::require_any_client_cert},
      {"RequireClientCert", ClientAuthType::require_any_client_cert},  // exporter-toolkit's older word
      {"VerifyClientCertIfGiven", ClientAuthType::verify_client_cert_if_given},
      {"RequireAndVerifyClientCert", ClientAuthType::require_and_verify_client_cert},
  }};
  return words;
}

std::span<const Word<TlsVersion>> version_words() {
  static constexpr std::array<Word<TlsVersion>, 4> words = {{
      {"TLS10", TlsVersion::tls1_0},
      {"TLS11", TlsVersion::tls1_1},
      {"TLS12", TlsVersion::tls1_2},
      {"TLS13", TlsVersion::tls1_3},
  }};
  return words;
}

std::span<const Word<std::string_view>> cipher_words() {
  static constexpr std::array<Word<std::string_view>, 17> words = {{
      {"TLS_AES_128_GCM_SHA256", ""},
      {"TLS_AES_256_GCM_SHA384", ""},
      {"TLS_CHACHA20_POLY1305_SHA256", ""},
      {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
      {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
      {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
      {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
      {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
      {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
      {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
      {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
      {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
      {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
      {"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"},
      {"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"},
      {"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"},
      {"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"},
  }};
  return words;
}

std::span<const Word<std::string_view>> curve_words() {
  static constexpr std::array<Word<std::string_view>, 4> words = {{
      {"CurveP256", "P-256"},
      {"CurveP384", "P-384"},
      {"CurveP521", "P-521"},
      {"X25519", "X25519"},
  }};
  return words;
}

}  // namespace exporter::web
