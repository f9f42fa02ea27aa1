// Certificates that a log describes and does not hold: as a certificate's facts, and what tells one from another. Pure.
#pragma once

#include <string>

#include "exporter/callers/call.h"
#include "probes/observations/certificate.h"

namespace exporter::callers {

[[nodiscard]] probes::observations::CertificatePtr described(const CertificateFacts& facts);

// What is the same for the same certificate: its fingerprint, or its issuer and serial number.
[[nodiscard]] std::string key_of(const CertificateFacts& facts);

// What is shown of a key.
[[nodiscard]] std::string fingerprint_of(const std::string& key);

}  // namespace exporter::callers
