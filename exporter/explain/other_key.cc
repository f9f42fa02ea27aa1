#include "exporter/explain/other_key.h"

#include <string_view>

namespace exporter::explain {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::Handshake;

namespace {

enum class Kind { rsa, curve, another };

// In OpenSSL's notation. Without SHA-1, which no server of today signs with.
constexpr const char* rsa_algorithms =
    "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512:"
    "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512";
constexpr const char* curve_algorithms = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448";

Kind kind_of(const Certificate& leaf) {
  const std::string key = key_word(leaf);
  if (key.starts_with("rsa")) return Kind::rsa;
  return key.starts_with("ec:") || key.starts_with("ed") ? Kind::curve : Kind::another;
}

}  // namespace

std::shared_ptr<const config::Target> asking_for_other_key(const config::Target& target, const Handshake& seen) {
  if (seen.certificates.empty()) return nullptr;
  const Kind kind = kind_of(*seen.certificates.front());
  if (kind == Kind::another) return nullptr;
  auto module = std::make_shared<config::Module>(*target.module);
  module->protocol = "tls";
  module->tls.signature_algorithms = kind == Kind::rsa ? curve_algorithms : rsa_algorithms;
  module->tls.ciphers.clear();  // in TLS 1.2 they name a kind of key, too
  auto asking = std::make_shared<config::Target>(target);
  asking->module = std::move(module);
  return asking;
}

CertificatePtr other_leaf(const Handshake& seen, const Handshake& answered) {
  if (seen.certificates.empty() || answered.certificates.empty()) return nullptr;
  const CertificatePtr& other = answered.certificates.front();
  return kind_of(*other) == kind_of(*seen.certificates.front()) ? nullptr : other;
}

}  // namespace exporter::explain
