#include "probes/observations/certificate.h"

namespace probes::observations {

namespace {

std::string_view word(SubjectAlternativeName::Kind kind) {
  switch (kind) {
    case SubjectAlternativeName::Kind::dns: return "dns";
    case SubjectAlternativeName::Kind::ip: return "ip";
    case SubjectAlternativeName::Kind::uri: return "uri";
    case SubjectAlternativeName::Kind::email: return "email";
    case SubjectAlternativeName::Kind::other: return "other";
  }
  return "other";
}

}  // namespace

std::string key_word(const Certificate& certificate) {
  if (certificate.key_type == "ec" && !certificate.key_curve.empty()) return "ec:" + certificate.key_curve;
  const bool sized = certificate.key_type.starts_with("rsa") || certificate.key_type == "dsa" || certificate.key_type == "ec";
  if (sized && certificate.key_bits > 0) return certificate.key_type + ":" + std::to_string(certificate.key_bits);
  return certificate.key_type;
}

std::string joined_names(const Certificate& certificate) {
  std::string joined;
  for (const SubjectAlternativeName& name : certificate.subject_alternative_names) {
    if (!joined.empty()) joined += ", ";
    joined.append(word(name.kind)).append(":").append(name.value);
  }
  return joined;
}

}  // namespace probes::observations
