// Java's own keystores, JKS and JCEKS: https://openjdk.org, sun.security.provider.JavaKeyStore and
// com.sun.crypto.provider.JceKeyStore. Certificates lie in them in the clear, so listing needs no passphrase; where one is
// configured the digest at the end is checked with it. Numbers are big-endian.
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>

#include <array>
#include <cstdint>
#include <optional>

#include "probes/bytes/big_endian.h"
#include "probes/inventory/java_object.h"
#include "probes/inventory/reading.h"
#include "probes/tls/slim_library.h"

namespace probes::inventory {

using observations::SourceReason;

namespace {

constexpr std::uint32_t jks_magic = 0xfeedfeed, jceks_magic = 0xcececece;
constexpr std::size_t digest_size = 20;  // SHA-1

enum class Tag : std::uint32_t { key = 1, certificate = 2, secret = 3 };

bool digest_fits(std::string_view bytes, const tls::Secret& passphrase) {
  int size = 0;
  // UTF-16BE, with a terminating zero of two bytes.
  unsigned char* wide = OPENSSL_utf82uni(passphrase.view().data(), static_cast<int>(passphrase.view().size()), nullptr, &size);
  if (wide == nullptr) return false;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  constexpr std::string_view salt = "Mighty Aphrodite";
  const std::string_view content = bytes.substr(0, bytes.size() - digest_size);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool done = EVP_DigestInit_ex(context, EVP_sha1(), nullptr) == 1 &&
                    EVP_DigestUpdate(context, wide, static_cast<std::size_t>(size - 2)) == 1 &&
                    EVP_DigestUpdate(context, salt.data(), salt.size()) == 1 &&
                    EVP_DigestUpdate(context, content.data(), content.size()) == 1 &&
                    EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  EVP_MD_CTX_free(context);
  OPENSSL_clear_free(wide, static_cast<std::size_t>(size));
  return done && CRYPTO_memcmp(digest.data(), bytes.data() + content.size(), digest_size) == 0;
}

void check_digest(std::string_view bytes, Reading& reading) {
  if (reading.passphrases().empty()) return;
  for (const tls::Secret& passphrase : reading.passphrases())
    if (digest_fits(bytes, passphrase)) return;
  reading.trouble(SourceReason::bad_passphrase,
                  "its digest fits none of the passphrases configured: another passphrase, or it was changed since");
}

class Entries {
 public:
  Entries(std::string_view bytes, Reading& reading) : cursor_(bytes.substr(0, bytes.size() - digest_size)), reading_(reading) {}

  void read() {
    cursor_.u32();  // the magic
    version_ = cursor_.u32();
    const std::uint32_t count = cursor_.u32();
    if (version_ != 1 && version_ != 2) return broken("version " + std::to_string(version_) + ", and only 1 and 2 are known");
    for (std::uint32_t index = 0; index < count && readable_; ++index) read_entry(index, count);
    if (readable_ && !cursor_.at_end()) broken("bytes behind its last entry");
  }

 private:
  void read_entry(std::uint32_t index, std::uint32_t count) {
    const Tag tag{cursor_.u32()};
    const std::string alias = cursor_.text();
    cursor_.number(8);  // when it was made
    switch (tag) {
      case Tag::key: read_chain(alias); break;
      case Tag::certificate: read_certificate(alias); break;
      case Tag::secret: skip_secret_key(count - index - 1); break;
      default: broken("entry " + std::to_string(index + 1) + " is of a kind that is not known"); break;
    }
    if (!cursor_.good()) broken("entry " + std::to_string(index + 1) + " is cut short");
  }

  void read_chain(const std::string& alias) {
    cursor_.blob();  // the key, encrypted
    const std::uint32_t length = cursor_.u32();
    for (std::uint32_t position = 0; position < length && cursor_.good(); ++position) read_certificate(alias);
  }

  void read_certificate(const std::string& alias) {
    if (version_ == 2) cursor_.text();  // "X.509"
    const std::string_view der = cursor_.blob();
    if (!cursor_.good() || !reading_.admits(der.size())) return;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const tls::Ptr<X509> certificate = tls::read_certificate(at, static_cast<long>(der.size()));
    ERR_clear_error();
    if (certificate) reading_.certificate(certificate.get(), alias);
    else reading_.trouble(SourceReason::bad_der, "`" + alias + "` holds a certificate that cannot be read");
  }

  // A secret key is a serialised Java object, of no stated length.
  void skip_secret_key(std::uint32_t behind) {
    if (const auto size = java_object_size(cursor_.rest())) return void(cursor_.bytes(*size));
    readable_ = false;
    reading_.trouble(SourceReason::unsupported_format,
                     "a secret key that is no Java object" +
                         (behind == 0 ? std::string() : ", and " + std::to_string(behind) + " entries behind it are not read"));
  }

  void broken(std::string why) {
    readable_ = false;
    reading_.trouble(SourceReason::bad_jks, std::move(why));
  }

  bytes::Cursor cursor_;
  Reading& reading_;
  std::uint32_t version_ = 0;
  bool readable_ = true;
};

}  // namespace

bool is_java_keystore(std::string_view bytes) {
  const std::uint32_t magic = bytes::Cursor(bytes).u32();
  return magic == jks_magic || magic == jceks_magic;
}

void read_java_keystore(std::string_view bytes, Reading reading) {
  constexpr std::size_t header_size = 12;
  if (bytes.size() < header_size + digest_size) return reading.trouble(SourceReason::bad_jks, "cut short");
  Entries(bytes, reading).read();
  check_digest(bytes, reading);
}

// Bouncy Castle's BKS and UBER begin with a version (1 or 2) and the length of a salt (20).
bool is_bouncy_castle(std::string_view bytes) {
  bytes::Cursor cursor(bytes);
  const std::uint32_t version = cursor.u32(), salt = cursor.u32();
  return cursor.good() && (version == 1 || version == 2) && salt == 20;
}

void read_bouncy_castle(std::string_view, Reading reading) {
  reading.trouble(SourceReason::unsupported_format,
                  "a Bouncy Castle keystore (BKS or UBER); convert it with `keytool -importkeystore -deststoretype PKCS12`");
}

}  // namespace probes::inventory
