#include "tests/support/test_ca.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tests::support {

using probes::tls::Ptr;

namespace {

void require(bool condition, const std::string& what) {
  if (condition) return;
  std::fprintf(stderr, "test CA: %s\n", what.c_str());
  std::abort();
}

std::string after_colon(const std::string& text) {
  const auto colon = text.find(':');
  return colon == std::string::npos ? "" : text.substr(colon + 1);
}

void add_extension(X509* certificate, X509* issuer, const std::string& name, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  CONF* empty = NCONF_new(nullptr);  // policies and a few others insist on a configuration to look sections up in
  X509V3_set_nconf(&context, empty);
  X509_EXTENSION* extension = X509V3_EXT_nconf_nid(empty, &context, OBJ_sn2nid(name.c_str()), value.c_str());
  NCONF_free(empty);
  require(extension != nullptr, "extension " + name + "=" + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

void set_serial(X509* certificate, const std::string& hex) {
  BIGNUM* number = nullptr;
  if (hex.empty()) {
    number = BN_new();
    BN_rand(number, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
  } else {
    require(BN_hex2bn(&number, hex.c_str()) != 0, "serial " + hex);
  }
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
}

template <typename Write>
std::string written(Write write) {
  Ptr<BIO> bio(BIO_new(BIO_s_mem()));
  require(write(bio.get()) == 1, "PEM or DER");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

Ptr<EVP_PKEY> make_key(const std::string& kind) {
  EVP_PKEY* key = nullptr;
  const std::string argument = after_colon(kind);
  if (kind.starts_with("EC:")) {
    key = EVP_EC_gen(argument.c_str());
  } else if (kind.starts_with("RSA:")) {
    key = EVP_RSA_gen(std::stoi(argument));
  } else if (kind.starts_with("RSA-PSS:")) {
    Ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr));
    EVP_PKEY_keygen_init(context.get());
    EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), std::stoi(argument));
    EVP_PKEY_keygen(context.get(), &key);
  } else {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, kind.c_str());
  }
  require(key != nullptr, "key " + kind);
  return Ptr<EVP_PKEY>(key);
}

Issued issue(const Wanted& wanted, const Issued* issuer) {
  Issued issued{Ptr<X509>(X509_new()), make_key(wanted.key)};
  X509* certificate = issued.certificate.get();
  X509* signer = issuer ? issuer->certificate.get() : certificate;
  X509_set_version(certificate, X509_VERSION_3);
  set_serial(certificate, wanted.serial_hex);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wanted.starts.count());
  X509_time_adj_ex(X509_getm_notAfter(certificate), static_cast<int>(wanted.ends.count() / 86400), wanted.ends.count() % 86400,
                   nullptr);
  X509_set_pubkey(certificate, issued.key.get());
  if (!wanted.common_name.empty())
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wanted.common_name.data()),
                               static_cast<int>(wanted.common_name.size()), -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  add_extension(certificate, signer, "basicConstraints", wanted.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(certificate, signer, "keyUsage", wanted.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  if (!wanted.extended_key_usage.empty()) add_extension(certificate, signer, "extendedKeyUsage", wanted.extended_key_usage);
  if (!wanted.names.empty()) add_extension(certificate, signer, "subjectAltName", joined(wanted.names));
  if (wanted.key_identifiers) {
    add_extension(certificate, signer, "subjectKeyIdentifier", "hash");
    add_extension(certificate, signer, "authorityKeyIdentifier", "keyid:always");
  }
  for (const auto& [name, value] : wanted.extensions) add_extension(certificate, signer, name, value);
  const EVP_MD* digest = wanted.digest.empty() ? nullptr : EVP_get_digestbyname(wanted.digest.c_str());
  EVP_PKEY* signing_key = issuer ? issuer->key.get() : issued.key.get();
  require(X509_sign(certificate, signing_key, digest) > 0, "signature");
  return issued;
}

Issued root(const std::string& common_name) {
  return issue({.common_name = common_name,
                .names = {},
                .extended_key_usage = "",
                .authority = true,
                .ends = std::chrono::hours(24 * 3650)});
}

std::string pem(X509* certificate) {
  return written([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string pem(EVP_PKEY* key, const std::string& passphrase) {
  const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
  return written([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, passphrase.empty() ? nullptr : passphrase.data(),
                                         static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

std::string der(X509* certificate) {
  return written([&](BIO* bio) { return i2d_X509_bio(bio, certificate); });
}

std::string der(PKCS7* message) {
  return written([&](BIO* bio) { return i2d_PKCS7_bio(bio, message); });
}

std::string der(PKCS12* store) {
  return written([&](BIO* bio) { return i2d_PKCS12_bio(bio, store); });
}

void write_date(ASN1_TIME* date, const std::string& text) {
  date->type = V_ASN1_GENERALIZEDTIME;
  ASN1_STRING_set(date, text.data(), static_cast<int>(text.size()));
}

void sign_again(const Issued& issued, const Issued& issuer) {
  X509_sign(issued.certificate.get(), issuer.key.get(), EVP_sha256());
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "mtls_exporter_test_XXXXXX").string();
  require(mkdtemp(pattern.data()) != nullptr, "temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
  const std::filesystem::path path = std::filesystem::path(path_) / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

std::string TemporaryFolder::write_private(const std::string& name, const std::string& content) const {
  std::string path = write(name, content);
  require(chmod(path.c_str(), 0600) == 0, "mode of " + path);
  return path;
}

}  // namespace tests::support
