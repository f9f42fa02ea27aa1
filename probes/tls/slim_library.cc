#include "probes/tls/slim_library.h"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string_view>
#include <vector>

namespace probes::tls {

namespace {

// The provider whose algorithms are lent: the default one, in a library context that is used for nothing else.
OSSL_PROVIDER* lender() {
  static OSSL_PROVIDER* const provider = [] {
    OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
    return library == nullptr ? nullptr : OSSL_PROVIDER_load(library, "default");
  }();
  return provider;
}

// What is lent of one operation: the algorithms of these names; of an operation without a row, all.
using Names = std::span<const std::string_view>;
struct Lent {
  int operation;
  Names for_reading;
  Names for_handshakes;
};

// clang-format off
// What certificates are signed with.
constexpr std::string_view digests[] = {"MD5", "MD5-SHA1", "SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512", "SHA2-512/224",
                                        "SHA2-512/256", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE-128", "SHAKE-256", "RIPEMD-160", "SM3"};
// What the suites of TLS are made of (RFC 8446, 5246).
constexpr std::string_view suite_digests[] = {"MD5", "MD5-SHA1", "SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512"};
constexpr std::string_view ciphers[] = {"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305", "AES-128-CCM", "AES-256-CCM", "ARIA-128-GCM", "ARIA-256-GCM",
                                        "AES-128-CBC", "AES-256-CBC", "CAMELLIA-128-CBC", "CAMELLIA-256-CBC", "DES-EDE3-CBC", "NULL"};
constexpr std::string_view macs[] = {"HMAC"};
constexpr std::string_view derivations[] = {"TLS13-KDF", "TLS1-PRF", "HKDF"};
constexpr std::string_view exchanges[] = {"X25519", "ECDH", "X448", "DH"};
// From OpenSSL 3.5 on: the hybrid groups (draft-ietf-tls-ecdhe-mlkem), and ML-KEM and ML-DSA alone. An older library has none.
constexpr std::string_view encapsulations[] = {"X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"};
constexpr std::string_view signatures[] = {"ECDSA", "RSA", "ED25519", "ED448", "DSA"};
constexpr std::string_view suite_signatures[] = {"ECDSA", "RSA", "ED25519", "ED448", "DSA", "HMAC", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};
// Certificates' keys; and those of the exchange, and the MAC of TLS 1.2's block ciphers.
constexpr std::string_view keys[] = {"EC", "RSA", "RSA-PSS", "ED25519", "ED448", "DSA"};
constexpr std::string_view suite_keys[] = {"EC", "RSA", "RSA-PSS", "ED25519", "ED448", "DSA", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "HMAC",
                                           "X25519", "X448", "DH", "X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024",
                                           "ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"};
// Of the keys that servers have. Others, ML-DSA among them, are read in outside_slim_library().
constexpr std::string_view decoders[] = {"EC", "RSA", "RSA-PSS", "ED25519", "ED448", "DSA"};
// clang-format on

constexpr Lent lent[] = {
    {OSSL_OP_DIGEST, digests, suite_digests},
    {OSSL_OP_CIPHER, {}, ciphers},
    {OSSL_OP_MAC, {}, macs},
    {OSSL_OP_KDF, {}, derivations},
    {OSSL_OP_KEYEXCH, {}, exchanges},
    {OSSL_OP_SIGNATURE, signatures, suite_signatures},
    {OSSL_OP_KEYMGMT, keys, suite_keys},
    {OSSL_OP_DECODER, decoders, {}},
    {OSSL_OP_ENCODER, {}, {}},
    {OSSL_OP_STORE, {}, {}},
    {OSSL_OP_KEM, {}, encapsulations},
};

// The first of an algorithm's names: "EC" of "EC:id-ecPublicKey:1.2.840.10045.2.1".
std::string_view name_of(const OSSL_ALGORITHM& algorithm) {
  const std::string_view names = algorithm.algorithm_names;
  return names.substr(0, names.find(':'));
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool lends(int operation, Names names, const OSSL_ALGORITHM& algorithm) {
  if (std::ranges::find(names, name_of(algorithm)) == names.end()) return false;
  // A key in a certificate stands in the DER of a SubjectPublicKeyInfo (RFC 5280 4.1.2.7).
  const std::string_view properties = algorithm.property_definition;
  return operation != OSSL_OP_DECODER ||
         (contains(properties, "input=der") && contains(properties, "structure=SubjectPublicKeyInfo"));
}

// Ends with an empty algorithm, as OpenSSL wants it.
std::vector<OSSL_ALGORITHM> algorithms(int operation, Names names) {
  std::vector<OSSL_ALGORITHM> found;
  int no_cache = 0;
  const OSSL_ALGORITHM* all = OSSL_PROVIDER_query_operation(lender(), operation, &no_cache);
  for (; all != nullptr && all->algorithm_names != nullptr; ++all)
    if (lends(operation, names, *all)) found.push_back(*all);
  found.push_back({nullptr, nullptr, nullptr, nullptr});
  return found;
}

enum class Use : std::uint8_t { reading, handshakes };

using Algorithms = std::map<int, std::vector<OSSL_ALGORITHM>>;

Algorithms all_lent(Use use) {
  Algorithms made;
  for (const Lent& row : lent)
    made.emplace(row.operation, algorithms(row.operation, use == Use::reading ? row.for_reading : row.for_handshakes));
  return made;
}

// A provider's context must be the lender's, so each use has a function of its own.
template <Use use>
const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
  static const Algorithms by_operation = all_lent(use);
  const auto found = by_operation.find(operation);
  if (found == by_operation.end()) return OSSL_PROVIDER_query_operation(lender(), operation, no_cache);
  *no_cache = 0;
  return found->second.data();
}

// The groups of TLS.
int capabilities(void*, const char* capability, OSSL_CALLBACK* each, void* argument) {
  return OSSL_PROVIDER_get_capabilities(lender(), capability, each, argument);
}

// OpenSSL's dispatch tables hold functions of every type as void (*)(void).
template <typename Function>
OSSL_DISPATCH entry(int number, Function* function) {
  return {number, reinterpret_cast<void (*)(void)>(function)};
}

template <Use use>
int begin(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions, void** context) {
  static const std::array table = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query<use>),
                                   entry(OSSL_FUNC_PROVIDER_GET_CAPABILITIES, capabilities), OSSL_DISPATCH{0, nullptr}};
  *functions = table.data();
  // The algorithms are the default provider's and expect its context.
  *context = OSSL_PROVIDER_get0_provider_ctx(lender());
  return 1;
}

OSSL_LIB_CTX* made(const char* name, OSSL_provider_init_fn* begin) {
  OSSL_LIB_CTX* library = lender() == nullptr ? nullptr : OSSL_LIB_CTX_new();
  if (library != nullptr && OSSL_PROVIDER_add_builtin(library, name, begin) == 1 && OSSL_PROVIDER_load(library, name) != nullptr)
    return library;
  OSSL_LIB_CTX_free(library);
  ERR_clear_error();
  return nullptr;
}

}  // namespace

OSSL_LIB_CTX* slim_library() {
  static OSSL_LIB_CTX* const library = made("mtls-slim", begin<Use::reading>);
  return library;
}

OSSL_LIB_CTX* handshake_library() {
  static OSSL_LIB_CTX* const library = made("mtls-handshakes", begin<Use::handshakes>);
  return library;
}

Ptr<X509> outside_slim_library(X509* certificate) {
  if (X509_get0_pubkey(certificate) != nullptr) return share(certificate);
  ERR_clear_error();
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  const unsigned char* from = der;
  Ptr<X509> again(size > 0 ? d2i_X509(nullptr, &from, size) : nullptr);
  OPENSSL_free(der);
  ERR_clear_error();
  return again ? std::move(again) : share(certificate);
}

Ptr<X509> read_certificate(const unsigned char*& at, long size) {
  X509* certificate = X509_new_ex(slim_library(), nullptr);
  if (certificate == nullptr || d2i_X509(&certificate, &at, size) == nullptr) return nullptr;  // d2i has released it
  const Ptr<X509> read(certificate);
  return outside_slim_library(read.get());
}

}  // namespace probes::tls
