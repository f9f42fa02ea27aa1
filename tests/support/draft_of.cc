#include "tests/support/draft_of.h"

namespace tests::support {

using namespace probes::observations;

CertificateDraft draft_of(const Certificate& certificate) {
  const auto strings = [](std::span<const std::string_view> words) {
    return std::vector<std::string>(words.begin(), words.end());
  };
  CertificateDraft draft{.subject = std::string(certificate.subject()),
                         .subject_common_name = std::string(certificate.subject_common_name()),
                         .issuer = std::string(certificate.issuer()),
                         .issuer_common_name = std::string(certificate.issuer_common_name()),
                         .serial = std::string(certificate.serial()),
                         .fingerprint_sha256 = std::string(certificate.fingerprint_sha256()),
                         .not_before = certificate.not_before(),
                         .not_after = certificate.not_after(),
                         .subject_alternative_names = {},
                         .key_type = std::string(certificate.key_type()),
                         .key_bits = certificate.key_bits(),
                         .key_curve = std::string(certificate.key_curve()),
                         .key_digest = certificate.key_digest(),
                         .signature_algorithm = std::string(certificate.signature_algorithm()),
                         .authority_key_identifier = std::string(certificate.authority_key_identifier()),
                         .subject_key_identifier = std::string(certificate.subject_key_identifier()),
                         .extended_key_usages = strings(certificate.extended_key_usages()),
                         .policies = strings(certificate.policies()),
                         .version = certificate.version(),
                         .authority = certificate.authority(),
                         .self_issued = certificate.self_issued()};
  for (const auto& [kind, value] : certificate.subject_alternative_names())
    draft.subject_alternative_names.push_back({kind, std::string(value)});
  return draft;
}

}  // namespace tests::support
