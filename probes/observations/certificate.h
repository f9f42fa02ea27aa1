// What a certificate says, as OpenSSL reads it. Immutable once made, shared by everything that has seen the same
// certificate. Text comes from the certificate and is hostile: nothing here has been cleaned for any output.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace probes::observations {

struct SubjectAlternativeName {
  enum class Kind : std::uint8_t { dns, ip, uri, email, other };
  Kind kind = Kind::other;
  std::string value;  // raw bytes for dns, uri and email; the printed address for ip; a description for other
  bool operator==(const SubjectAlternativeName&) const = default;
};

struct Certificate {
  std::string subject;              // RFC 2253, UTF-8 where the encoding allows
  std::string subject_common_name;  // the last CN; empty if there is none
  std::string issuer;
  std::string issuer_common_name;
  std::string serial;              // lower-case hex without separators, "-" before a negative one
  std::string fingerprint_sha256;  // lower-case hex of the DER
  std::chrono::sys_seconds not_before{};
  std::chrono::sys_seconds not_after{};  // to 9999-12-31T23:59:59Z without wrapping
  std::vector<SubjectAlternativeName> subject_alternative_names;
  std::string key_type;             // "rsa", "ec", "ed25519", "ed448", "rsa-pss", "dsa"; "unknown" when OpenSSL cannot read it
  int key_bits = 0;                 // 0: unknown
  std::string key_curve;            // ec: the NIST name where there is one ("P-256"), else OpenSSL's short name; else empty
  std::string signature_algorithm;  // OpenSSL's long name: "ecdsa-with-SHA256"
  std::string authority_key_identifier;  // lower-case hex; empty: absent
  std::string subject_key_identifier;
  std::vector<std::string> extended_key_usages;  // "serverAuth", "clientAuth", or dotted OIDs
  std::vector<std::string> policies;             // dotted OIDs
  int version = 3;                               // 1 to 3 (what the certificate claims, plus one)
  bool authority = false;                        // basicConstraints CA:TRUE
  bool self_issued = false;                      // subject equals issuer
};

using CertificatePtr = std::shared_ptr<const Certificate>;

// "rsa:2048", "ec:P-256", "ed25519", "unknown": the value of the label `key`.
[[nodiscard]] std::string key_word(const Certificate& certificate);

// "dns:a.example", "uri:spiffe://b", "ip:10.0.0.1", joined by ", ".
[[nodiscard]] std::string joined_names(const Certificate& certificate);

}  // namespace probes::observations
