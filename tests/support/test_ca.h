// A certificate authority in memory: every test makes the keys and certificates it needs, fresh, with exactly the flaw
// it is about. EC P-256 unless asked otherwise.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "probes/tls/handles.h"

namespace tests::support {

// A certificate and its key.
struct Issued {
  probes::tls::Ptr<X509> certificate;
  probes::tls::Ptr<EVP_PKEY> key;
};

// What the certificate should say. Extensions are written in OpenSSL's configuration notation.
struct Wanted {
  std::string common_name = "leaf";                                    // empty: an empty subject
  std::vector<std::string> names = {"DNS:localhost", "IP:127.0.0.1"};  // subjectAltName entries; empty: no extension
  std::string extended_key_usage = "serverAuth,clientAuth";            // empty: no extension
  bool authority = false;                                              // basicConstraints CA:TRUE and keyCertSign
  bool key_identifiers = true;                                         // SKI and AKI
  std::chrono::seconds starts = std::chrono::hours(-1);                // from now
  std::chrono::seconds ends = std::chrono::hours(24 * 90);             // from now
  std::string key = "EC:P-256";                   // "EC:<curve>", "RSA:<bits>", "ED25519", "ED448", "RSA-PSS:<bits>"
  std::string digest = "SHA256";                  // "" for ED25519 and ED448 signers
  std::string serial_hex;                         // empty: random; "-" before a negative one
  std::map<std::string, std::string> extensions;  // more, by OpenSSL short name: {"certificatePolicies", "1.2.3.4"}
};

// Issues a certificate under `issuer`, or a self-signed one when `issuer` is null. Aborts the test process on bad input.
[[nodiscard]] Issued issue(const Wanted& wanted, const Issued* issuer = nullptr);

// A self-signed CA that lives ten years.
[[nodiscard]] Issued root(const std::string& common_name = "Test Root");

[[nodiscard]] probes::tls::Ptr<EVP_PKEY> make_key(const std::string& kind);
[[nodiscard]] std::string pem(X509* certificate);
[[nodiscard]] std::string pem(EVP_PKEY* key, const std::string& passphrase = "");  // encrypted when there is a passphrase
[[nodiscard]] std::string der(X509* certificate);
[[nodiscard]] std::string der(PKCS7* message);
[[nodiscard]] std::string der(PKCS12* store);

// Writes `text` as this date of a certificate or a list, whether it is one or not: "20261399000000Z". Whoever changes a
// certificate signs it again.
void write_date(ASN1_TIME* date, const std::string& text);
void sign_again(const Issued& issued, const Issued& issuer);

// A folder of its own, removed with its contents at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  // Writes `content` to `name` in it and returns the whole path.
  std::string write(const std::string& name, const std::string& content) const;
  // The same, for its owner only, as a key's file should be.
  std::string write_private(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

}  // namespace tests::support
