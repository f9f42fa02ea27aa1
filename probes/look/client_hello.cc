#include "probes/look/client_hello.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "probes/bytes/big_endian.h"

namespace probes::look {

namespace {

using bytes::big_endian;

// IANA's numbers. Suites that come with a certificate, and with a key that signs or decrypts: none is anonymous, pre-shared or of
// export strength. Old ones stand at the end: this is about finding servers, and judging them is the probes' work.
constexpr std::array<std::uint16_t, 32> ciphers = {
    0xc02b, 0xc02f, 0xc02c, 0xc030,  // ECDHE with ECDSA or RSA, AES-GCM
    0xcca9, 0xcca8,                  // ... ChaCha20
    0xc0ac, 0xc0ad, 0xc0ae, 0xc0af,  // ... ECDSA, AES-CCM
    0x009e, 0x009f, 0xccaa,          // DHE with RSA, AES-GCM and ChaCha20
    0xc023, 0xc027, 0xc024, 0xc028,  // ECDHE, AES-CBC with SHA-2
    0xc009, 0xc013, 0xc00a, 0xc014,  // ... with SHA-1
    0x0067, 0x006b, 0x0033, 0x0039,  // DHE, AES-CBC
    0x009c, 0x009d, 0x003c, 0x003d,  // RSA, AES
    0x002f, 0x0035, 0x000a,          // ... with SHA-1, and 3DES
};

// RFC 5746 3.3: stands for an empty renegotiation_info, which some servers insist on.
constexpr std::uint16_t renegotiation_signal = 0x00ff;

// x25519, P-256, x448, P-384, P-521.
constexpr std::array<std::uint16_t, 5> groups = {0x001d, 0x0017, 0x001e, 0x0018, 0x0019};

// ECDSA, EdDSA, RSA-PSS and RSA with SHA-2; RSA and ECDSA with SHA-1 for who has nothing else.
constexpr std::array<std::uint16_t, 16> signatures = {0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806,
                                                      0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201};

std::string with_length(std::size_t octets, std::string_view content) {
  return big_endian(static_cast<std::uint32_t>(content.size()), octets).append(content);
}

template <typename Numbers>
std::string in_two_octets(const Numbers& numbers) {
  std::string all;
  for (const std::uint16_t number : numbers) all += big_endian(number, 2);
  return all;
}

std::string extension(std::uint16_t type, std::string_view content) { return big_endian(type, 2) + with_length(2, content); }

std::string extensions() {
  using namespace std::string_view_literals;
  return extension(10, with_length(2, in_two_octets(groups))) +      // supported_groups
         extension(11, "\x01\x00"sv) +                               // ec_point_formats: uncompressed
         extension(13, with_length(2, in_two_octets(signatures))) +  // signature_algorithms
         extension(23, {});                                          // extended_master_secret
}

}  // namespace

bool offers(std::uint16_t cipher) { return std::ranges::find(ciphers, cipher) != ciphers.end(); }

std::string client_hello(const Random& random) {
  std::string hello = big_endian(0x0303, 2);
  hello.append(random.begin(), random.end());
  hello += with_length(1, {});  // no session
  hello += with_length(2, in_two_octets(ciphers) + big_endian(renegotiation_signal, 2));
  hello += with_length(1, std::string_view("\0", 1));  // no compression
  hello += with_length(2, extensions());
  const std::string message = big_endian(1, 1) + with_length(3, hello);
  // RFC 5246 E.1: the record of the first hello says TLS 1.0, which old servers want to see.
  return big_endian(22, 1) + big_endian(0x0301, 2) + with_length(2, message);
}

}  // namespace probes::look
