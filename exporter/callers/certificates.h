// The certificates that logs hold, each read once: a caller comes a million times with the same one. Bounded: what has not been
// seen for long is forgotten, and only so many are read in a second. Owned by one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "probes/observations/certificate.h"

namespace exporter::callers {

struct SeenCertificate {
  probes::observations::CertificatePtr facts;
  std::string der;
};
using SeenCertificatePtr = std::shared_ptr<const SeenCertificate>;

// The DER of a certificate as logs have it: PEM, also with the line ends that nginx's variables have and percent-encoded, or
// base64 of DER. Empty where it is none. Pure.
[[nodiscard]] std::string der_of(std::string_view text);

// One certificate, read afresh; null where it is none.
[[nodiscard]] SeenCertificatePtr read_certificate(std::string_view text);

// The same of DER.
[[nodiscard]] SeenCertificatePtr certificate_of(std::string der);

class SeenCertificates {
 public:
  // `kept`: texts remembered, at least half of them; `per_second`: read afresh at most.
  explicit SeenCertificates(std::size_t kept = 32768, std::size_t per_second = 1000) : kept_(kept), per_second_(per_second) {}

  struct Found {
    SeenCertificatePtr certificate;  // null: the text is no certificate
    bool put_off = false;            // too many were new in this second
  };
  [[nodiscard]] Found of(std::string_view text, std::chrono::steady_clock::time_point now);

 private:
  using Texts = std::unordered_map<std::string, SeenCertificatePtr>;  // by SHA-256 of the text

  const std::size_t kept_;
  const std::size_t per_second_;
  Texts young_;
  Texts old_;  // not seen since young_ began
  std::chrono::steady_clock::time_point second_{};
  std::size_t read_ = 0;  // in this second
};

}  // namespace exporter::callers
