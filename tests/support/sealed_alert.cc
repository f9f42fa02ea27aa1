#include "tests/support/sealed_alert.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <vector>

namespace tests::support {

namespace {

constexpr std::uint8_t alert_type = 21, application_data = 23, fatal = 2;
constexpr std::size_t key_size = 16, tag_size = 16, nonce_size = 12;

std::string byte(std::uint64_t value) { return std::string(1, static_cast<char>(value)); }

std::string big_endian(std::uint64_t value, int size) {
  std::string text;
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) text += byte(value >> shift & 0xFF);
  return text;
}

std::string unhex(std::string_view hex) {
  long size = 0;
  unsigned char* bytes = OPENSSL_hexstr2buf(std::string(hex).c_str(), &size);
  std::string text(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

std::string derived(const char* function, std::vector<OSSL_PARAM> parameters, std::size_t size) {
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, function, nullptr);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
  parameters.push_back(OSSL_PARAM_construct_end());
  std::string output(size, '\0');
  EVP_KDF_derive(context, reinterpret_cast<unsigned char*>(output.data()), size, parameters.data());
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);
  return output;
}

OSSL_PARAM octets(const char* name, std::string& value) {
  return OSSL_PARAM_construct_octet_string(name, value.data(), value.size());
}

OSSL_PARAM digest() {
  static char name[] = "SHA256";
  return OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0);
}

// RFC 8446 7.1: HKDF-Expand-Label with an empty context.
std::string expand_label(std::string secret, const std::string& label, std::size_t size) {
  std::string info = big_endian(size, 2) + byte(6 + label.size()) + "tls13 " + label + byte(0);
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  return derived("HKDF",
                 {digest(), OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode), octets(OSSL_KDF_PARAM_KEY, secret),
                  octets(OSSL_KDF_PARAM_INFO, info)},
                 size);
}

// RFC 5246 6.3: client key, server key, client IV, server IV (an AEAD has no MAC keys).
std::string key_block(const SSL* ssl, std::string master) {
  std::string client(SSL3_RANDOM_SIZE, '\0'), server(SSL3_RANDOM_SIZE, '\0');
  SSL_get_client_random(ssl, reinterpret_cast<unsigned char*>(client.data()), client.size());
  SSL_get_server_random(ssl, reinterpret_cast<unsigned char*>(server.data()), server.size());
  std::string seed = "key expansion" + server + client;
  return derived("TLS1-PRF", {digest(), octets(OSSL_KDF_PARAM_SECRET, master), octets(OSSL_KDF_PARAM_SEED, seed)},
                 2 * (key_size + 4));
}

std::string sealed(const std::string& key, const std::string& nonce, const std::string& associated, const std::string& plain) {
  const auto* text = reinterpret_cast<const unsigned char*>(plain.data());
  std::string output(plain.size() + tag_size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(output.data());
  int size = 0;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex2(context, EVP_aes_128_gcm(), reinterpret_cast<const unsigned char*>(key.data()),
                      reinterpret_cast<const unsigned char*>(nonce.data()), nullptr);
  EVP_EncryptUpdate(context, nullptr, &size, reinterpret_cast<const unsigned char*>(associated.data()),
                    static_cast<int>(associated.size()));
  EVP_EncryptUpdate(context, out, &size, text, static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(context, out + size, &size);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size, out + plain.size());
  EVP_CIPHER_CTX_free(context);
  return output;
}

}  // namespace

void WriteState::on_key_log(const SSL* ssl, std::string_view line) {
  const std::string secret = unhex(line.substr(line.rfind(' ') + 1));
  if (line.starts_with("SERVER_TRAFFIC_SECRET_0 ")) {
    key_ = expand_label(secret, "key", key_size);
    nonce_ = expand_label(secret, "iv", nonce_size);
    records_ = 0;
    sealing_ = true;  // the server's Finished is out, in the handshake's keys
  } else if (line.starts_with("CLIENT_RANDOM ")) {
    const std::string block = key_block(ssl, secret);
    key_ = block.substr(key_size, key_size);
    nonce_ = block.substr(2 * key_size + 4, 4);
    records_ = 0;
    sealing_ = true;  // OpenSSL logs it between its ChangeCipherSpec and its Finished
  }
}

void WriteState::on_record_written() { ++records_; }

std::string WriteState::alert(std::uint8_t number) const {
  if (!sealing_) return plain_alert(number);
  const std::string text = byte(fatal) + byte(number);
  if (nonce_.size() == nonce_size) {  // RFC 8446 5.2 and 5.3
    const std::string inner = text + byte(alert_type);
    const std::string header = byte(application_data) + "\x03\x03" + big_endian(inner.size() + tag_size, 2);
    std::string nonce = std::string(4, '\0') + big_endian(records_, 8);
    for (std::size_t index = 0; index < nonce.size(); ++index) nonce[index] = static_cast<char>(nonce[index] ^ nonce_[index]);
    return header + sealed(key_, nonce, header, inner);
  }
  // RFC 5246 6.2.3.3 and RFC 5288 3. The explicit nonce is one that OpenSSL's counter is not going to reach.
  const std::string explicit_nonce = big_endian(~std::uint64_t{0}, 8);
  const std::string kind = byte(alert_type) + "\x03\x03";
  const std::string body =
      explicit_nonce + sealed(key_, nonce_ + explicit_nonce, big_endian(records_, 8) + kind + big_endian(text.size(), 2), text);
  return kind + big_endian(body.size(), 2) + body;
}

std::string plain_alert(std::uint8_t number) {
  return byte(alert_type) + "\x03\x03" + big_endian(2, 2) + byte(fatal) + byte(number);
}

}  // namespace tests::support
