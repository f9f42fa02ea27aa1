#include "probes/tls/group_name.h"

#include <array>
#include <utility>

namespace probes::tls {

std::string_view group_name(std::string_view openssl) {
  // From 3.2 on OpenSSL says the names of the IANA "TLS Supported Groups" registry, before that its own.
  using namespace std::string_view_literals;
  static constexpr std::array names = {
      std::pair{"x25519"sv, "X25519"sv},        std::pair{"x448"sv, "X448"sv},        std::pair{"secp192r1"sv, "prime192v1"sv},
      std::pair{"secp256r1"sv, "prime256v1"sv}, std::pair{"P-256"sv, "prime256v1"sv}, std::pair{"P-384"sv, "secp384r1"sv},
      std::pair{"P-521"sv, "secp521r1"sv},
  };
  for (const auto& [other, ours] : names)
    if (openssl == other) return ours;
  return openssl;
}

}  // namespace probes::tls
