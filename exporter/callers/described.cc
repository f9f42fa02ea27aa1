#include "exporter/callers/described.h"

#include <functional>

namespace exporter::callers {

using namespace probes::observations;

namespace {

// The last common name of a subject as servers write it: "CN=a,O=b", "/O=b/CN=a".
std::string common_name_of(std::string_view subject) {
  std::size_t at = subject.starts_with('/') ? subject.rfind("/CN=") : std::string_view::npos;
  const char end = at == std::string_view::npos ? ',' : '/';
  if (at == std::string_view::npos) {
    at = subject.starts_with("CN=") ? 0 : subject.find(",CN=");
    if (at == std::string_view::npos) at = subject.find(", CN=");
    if (at == std::string_view::npos) return {};
  }
  subject.remove_prefix(subject.find("CN=", at) + 3);
  return std::string(subject.substr(0, subject.find(end)));
}

}  // namespace

CertificatePtr described(const CertificateFacts& facts) {
  constexpr std::size_t sha256_digits = 64;
  CertificateDraft draft;
  draft.subject = facts.subject;
  draft.subject_common_name = common_name_of(facts.subject);
  draft.issuer = facts.issuer;
  draft.serial = facts.serial;
  draft.not_after = facts.not_after;
  if (facts.fingerprint.size() == sha256_digits) draft.fingerprint_sha256 = facts.fingerprint;
  return packed(draft);
}

std::string key_of(const CertificateFacts& facts) {
  return facts.fingerprint.empty() ? facts.issuer + '\n' + facts.serial : facts.fingerprint;
}

// What tells a caller without a fingerprint from another of its serial.
std::string fingerprint_of(const std::string& key) {
  if (key.find('\n') == std::string::npos) return key;
  static constexpr std::string_view digits = "0123456789abcdef";
  std::size_t digest = std::hash<std::string>{}(key);
  std::string text(16, '0');
  for (char& digit : text) digit = digits[digest & 15], digest >>= 4;
  return text;
}

}  // namespace exporter::callers
