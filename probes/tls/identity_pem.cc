// Identities in PEM: the leaf and its intermediates, in the file's order, and the private key beside them or in a file of
// its own, plain or encrypted, in PKCS#8 or the traditional formats.
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstring>

#include "probes/tls/identity_source.h"

namespace probes::tls {

using observations::Finding;

namespace {

// More certificates than any verifier follows (X509_VERIFY_PARAM's depth is 100).
constexpr std::size_t chain_limit = 100;

struct Block {
  std::string name;    // "CERTIFICATE"
  std::string header;  // "Proc-Type: 4,ENCRYPTED ..."
  Secret data;         // the DER, perhaps encrypted
};

struct Blocks {
  std::vector<Block> found;
  std::string trouble;  // the file ends inside a block, or a block is not base64; empty: none
  bool der = false;     // there are none, and the file is one DER sequence: what a PEM block would hold
};

// What to do about a file in DER: `tool` of openssl reads it.
std::string der_where_pem(const std::string& path, const char* tool) {
  return path + ": it is DER, and PEM is asked for; `openssl " + tool + " -inform DER -in " + path + " -out " + path +
         ".pem && mv " + path + ".pem " + path + "` makes it PEM";
}

Blocks blocks(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  Blocks read;
  Ptr<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  ERR_clear_error();
  while (PEM_read_bio_ex(bio.get(), &name, &header, &data, &size, PEM_FLAG_EAY_COMPATIBLE) == 1) {
    Block block{name, header, Secret(static_cast<std::size_t>(size))};
    if (size > 0) std::memcpy(block.data.data(), data, static_cast<std::size_t>(size));
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    read.found.push_back(std::move(block));
  }
  const bool at_the_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string error = take_openssl_error();
  // A SEQUENCE whose length takes one or two octets more, as those of certificates and keys do.
  read.der = read.found.empty() && text.size() > 2 && text[0] == '\x30' && (text[1] == '\x81' || text[1] == '\x82');
  if (!at_the_end) read.trouble = "a PEM block is broken or cut short (" + error + ")";
  return read;
}

const unsigned char* bytes(const Secret& secret) { return reinterpret_cast<const unsigned char*>(secret.view().data()); }
long length(const Secret& secret) { return static_cast<long>(secret.view().size()); }

bool is_certificate(const Block& block) {
  return block.name == PEM_STRING_X509 || block.name == PEM_STRING_X509_OLD || block.name == PEM_STRING_X509_TRUSTED;
}

bool is_key(const Block& block) { return block.name.ends_with("PRIVATE KEY"); }

bool is_encrypted(const Block& block) {
  return block.name == PEM_STRING_PKCS8 || block.header.find("ENCRYPTED") != std::string::npos;
}

// False if not all that stands in the file could be read.
bool take_certificates(const Blocks& read, const std::string& path, Material& material) {
  for (const Block& block : read.found) {
    if (!is_certificate(block) || material.chain.size() == chain_limit) continue;
    const unsigned char* der = bytes(block.data);
    // A TRUSTED CERTIFICATE is a certificate with trust settings behind it, which concern verifiers only.
    Ptr<X509> certificate(d2i_X509(nullptr, &der, length(block.data)));
    if (certificate) {
      material.chain.push_back(std::move(certificate));
    } else {
      material.note(Finding::certificate_unreadable, path + ": " + take_openssl_error());
      return false;
    }
  }
  if (read.der) material.note(Finding::certificate_unreadable, der_where_pem(path, "x509"));
  else if (!read.trouble.empty()) material.note(Finding::certificate_unreadable, path + ": " + read.trouble);
  else if (material.chain.empty()) material.note(Finding::certificate_unreadable, path + ": there is no certificate in it");
  return read.trouble.empty();
}

int hand_over_passphrase(char* buffer, int size, int, void* secret) {
  const std::string_view text = static_cast<const Secret*>(secret)->view();
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

// RFC 5958 section 3: EncryptedPrivateKeyInfo.
Ptr<EVP_PKEY> decrypted_pkcs8(const Block& block, const Secret& secret) {
  const unsigned char* der = bytes(block.data);
  X509_SIG* sealed = d2i_X509_SIG(nullptr, &der, length(block.data));
  if (!sealed) return nullptr;
  const std::string_view text = secret.view();
  PKCS8_PRIV_KEY_INFO* opened =
      PKCS8_decrypt_ex(sealed, text.data(), static_cast<int>(text.size()), context_with_legacy_ciphers(), nullptr);
  X509_SIG_free(sealed);
  Ptr<EVP_PKEY> key(opened ? EVP_PKCS82PKEY(opened) : nullptr);
  PKCS8_PRIV_KEY_INFO_free(opened);
  return key;
}

// RFC 1421's encryption, as OpenSSL's traditional formats still use it; decrypts in place.
Ptr<EVP_PKEY> decrypted_traditional(Block& block, Secret& secret) {
  EVP_CIPHER_INFO cipher;
  long size = length(block.data);
  auto* data = reinterpret_cast<unsigned char*>(block.data.data());
  if (PEM_get_EVP_CIPHER_INFO(block.header.data(), &cipher) != 1) return nullptr;
  if (PEM_do_header(&cipher, data, &size, &hand_over_passphrase, &secret) != 1) return nullptr;
  const unsigned char* der = data;
  Ptr<EVP_PKEY> key(d2i_AutoPrivateKey(nullptr, &der, size));
  if (!key) ERR_clear_error();  // one wrong passphrase in 256 ends in a plausible padding: "unsupported" would mislead
  return key;
}

void take_encrypted_key(Block& block, const std::string& path, std::optional<Secret>& secret, bool passphrase_expected,
                        Material& material) {
  if (!secret) {
    if (!passphrase_expected)
      material.note(Finding::passphrase_missing, path + ": the key is encrypted and no passphrase_file is configured");
    return;
  }
  ERR_clear_error();
  material.key = block.name == PEM_STRING_PKCS8 ? decrypted_pkcs8(block, *secret) : decrypted_traditional(block, *secret);
  if (material.key) return;
  const Finding finding = unknown_algorithm_in_errors() ? Finding::key_unreadable : Finding::passphrase_wrong;
  material.note(finding, path + ": the key cannot be decrypted (" + take_openssl_error() + ")");
}

// The first key of the file. A key whose file is open to everybody is used all the same.
void take_key(Blocks& read, const std::string& path, const config::Identity& settings, Material& material) {
  std::optional<Secret> secret = passphrase(settings.passphrase_file, material);
  const auto block = std::find_if(read.found.begin(), read.found.end(), is_key);
  if (block == read.found.end()) {
    if (read.der) return material.note(Finding::key_unreadable, der_where_pem(path, "pkey"));
    if (read.trouble.empty()) return material.note(Finding::key_missing, path + ": there is no private key in it");
    return material.note(Finding::key_unreadable, path + ": " + read.trouble);
  }
  if (is_encrypted(*block)) return take_encrypted_key(*block, path, secret, !settings.passphrase_file.empty(), material);
  const unsigned char* der = bytes(block->data);
  material.key.reset(d2i_AutoPrivateKey(nullptr, &der, length(block->data)));
  if (!material.key) material.note(Finding::key_unreadable, path + ": " + take_openssl_error());
}

void note_open_permissions(const FileContent& file, const std::string& path, Material& material) {
  if (material.key && file.world_readable)
    material.note(Finding::world_readable_key, path + ": every user of this machine may read the private key");
}

void read_key_file(const config::Identity& settings, Material& material) {
  const std::string& path = settings.key_file;
  const FileContent file = read_file(path, identity_file_limit);
  if (!file.good())
    return material.note(file.missing ? Finding::key_missing : Finding::key_unreadable, path + ": " + file.trouble);
  Blocks read = blocks(file.bytes.view());
  take_key(read, path, settings, material);
  note_open_permissions(file, path, material);
}

}  // namespace

Material read_pem(const config::Identity& settings) {
  const std::string& path = settings.certificate_file;
  Material material;
  const FileContent file = read_file(path, identity_file_limit);
  Blocks read;
  bool whole = true;
  if (file.good()) {
    read = blocks(file.bytes.view());
    whole = take_certificates(read, path, material);
  } else {
    material.note(file.missing ? Finding::certificate_missing : Finding::certificate_unreadable, path + ": " + file.trouble);
  }
  if (!settings.key.empty()) {
    read_token_key(settings, material);
  } else if (!settings.key_file.empty()) {
    read_key_file(settings, material);
  } else if (file.good()) {
    take_key(read, path, settings, material);
    note_open_permissions(file, path, material);
  }
  if (!whole) material.key.reset();  // half a chain has dates to show, but must not be sent as if it were the whole
  return material;
}

}  // namespace probes::tls
