// What a certificate says, as OpenSSL reads it. Whoever reads one fills in a draft; what is kept is a Certificate: immutable,
// shared by everything that has seen the same certificate, and made for hundreds of thousands of them. It stands with all its
// text in one block of memory. Text comes from the certificate and is hostile: nothing here has been cleaned for any output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "probes/observations/date.h"

namespace probes::observations {

struct SubjectAlternativeName {
  enum class Kind : std::uint8_t { dns, ip, uri, email, other };
  Kind kind = Kind::other;
  std::string_view value;  // raw bytes for dns, uri and email; the printed address for ip; a description for other
  bool operator==(const SubjectAlternativeName&) const = default;
};

// A certificate in the making. What its fields mean stands at those of Certificate.
struct CertificateDraft {
  struct Name {
    SubjectAlternativeName::Kind kind = SubjectAlternativeName::Kind::other;
    std::string value;
    bool operator==(const Name&) const = default;
  };
  std::string subject;
  std::string subject_common_name;
  std::string issuer;
  std::string issuer_common_name;
  std::string serial;
  std::string fingerprint_sha256;
  Date not_before;
  Date not_after;
  std::vector<Name> subject_alternative_names;
  std::string key_type;
  int key_bits = 0;
  std::string key_curve;
  std::uint64_t key_digest = 0;
  std::string signature_algorithm;
  std::string authority_key_identifier;
  std::string subject_key_identifier;
  std::vector<std::string> extended_key_usages;
  std::vector<std::string> policies;
  int version = 3;
  bool authority = false;
  bool self_issued = false;
  bool subject_readable = true;
  bool issuer_readable = true;
  bool operator==(const CertificateDraft&) const = default;
};

class Certificate;
using CertificatePtr = std::shared_ptr<const Certificate>;

// The certificate that `draft` describes, as it is kept. Never null. Any thread.
[[nodiscard]] CertificatePtr packed(const CertificateDraft& draft);

// Made by packed() alone and neither copied nor moved: what it gives out lives as long as somebody holds the CertificatePtr.
class Certificate {
 public:
  Certificate& operator=(const Certificate&) = delete;

  std::string_view subject() const { return text(subject_); }  // RFC 2253; octets as such where they are no text
  std::string_view subject_common_name() const { return text(subject_common_name_); }  // the last CN; or empty
  std::string_view issuer() const { return text(issuer_); }
  std::string_view issuer_common_name() const { return text(issuer_common_name_); }
  // lower-case hex without separators, "-" before a negative one; empty where it cannot be read
  std::string_view serial() const { return text(serial_); }
  std::string_view fingerprint_sha256() const { return text(fingerprint_sha256_); }  // lower-case hex of the DER
  Date not_before() const { return not_before_; }
  Date not_after() const { return not_after_; }
  std::span<const SubjectAlternativeName> subject_alternative_names() const {
    return list<SubjectAlternativeName>(subject_alternative_names_);
  }
  // "rsa", "ec", "ed25519", "ed448", "rsa-pss", "dsa"; "unknown" when OpenSSL cannot read it
  std::string_view key_type() const { return text(key_type_); }
  int key_bits() const { return key_bits_; }  // 0: unknown
  // ec: the NIST name where there is one ("P-256"), else OpenSSL's short name; else empty
  std::string_view key_curve() const { return text(key_curve_); }
  std::uint64_t key_digest() const { return key_digest_; }  // the first 8 octets of SHA-256 of the public key; 0: not known
  std::string_view signature_algorithm() const { return text(signature_algorithm_); }  // OpenSSL's long name: "ecdsa-with-SHA256"
  std::string_view authority_key_identifier() const { return text(authority_key_identifier_); }  // lower-case hex; empty: absent
  std::string_view subject_key_identifier() const { return text(subject_key_identifier_); }      // as the authority's
  // "serverAuth", "clientAuth", or dotted OIDs
  std::span<const std::string_view> extended_key_usages() const { return list<std::string_view>(extended_key_usages_); }
  std::span<const std::string_view> policies() const { return list<std::string_view>(policies_); }  // dotted OIDs
  int version() const { return version_; }           // what the certificate claims, plus one: 1 to 3; 0: no number
  bool authority() const { return authority_; }      // basicConstraints CA:TRUE
  bool self_issued() const { return self_issued_; }  // subject equals issuer
  // Whether the name is text: false where an attribute does not convert, or the common name is of a type that is none.
  bool subject_readable() const { return subject_readable_; }
  bool issuer_readable() const { return issuer_readable_; }
  std::size_t bytes() const { return bytes_; }  // of memory, all in all

 private:
  // A text or an array in the block: where it begins, in bytes from the certificate, and of how many characters or entries it is.
  struct Piece {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };
  class Layout;
  friend CertificatePtr packed(const CertificateDraft& draft);

  Certificate(const CertificateDraft& draft, Layout& layout);
  Certificate(const Certificate&) = default;

  const char* at(const Piece& piece) const { return reinterpret_cast<const char*>(this) + piece.begin; }
  std::string_view text(const Piece& piece) const { return {at(piece), piece.size}; }
  template <typename Entry>
  std::span<const Entry> list(const Piece& piece) const {
    return {reinterpret_cast<const Entry*>(at(piece)), piece.size};
  }

  Date not_before_;
  Date not_after_;
  std::uint64_t key_digest_;
  Piece subject_;
  Piece subject_common_name_;
  Piece issuer_;
  Piece issuer_common_name_;
  Piece serial_;
  Piece fingerprint_sha256_;
  Piece key_type_;
  Piece key_curve_;
  Piece signature_algorithm_;
  Piece authority_key_identifier_;
  Piece subject_key_identifier_;
  Piece subject_alternative_names_;
  Piece extended_key_usages_;
  Piece policies_;
  int key_bits_;
  std::int16_t version_;
  bool authority_;
  bool self_issued_;
  bool subject_readable_;
  bool issuer_readable_;
  std::uint32_t bytes_;
};

// "rsa:2048", "ec:P-256", "ed25519", "unknown": the value of the label `key`.
[[nodiscard]] std::string key_word(const Certificate& certificate);

// The value of the label `subject_cn`, by which people tell certificates apart: the common name, else the first alternative name,
// else the serial, else the beginning of the fingerprint. Borrowed from the certificate.
[[nodiscard]] std::string_view name_or_serial(const Certificate& certificate);

// "dns:a.example", "uri:spiffe://b", "ip:10.0.0.1", joined by ", ".
[[nodiscard]] std::string joined_names(const Certificate& certificate);

}  // namespace probes::observations
