#include "exporter/callers/certificates.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <utility>
#include <vector>

#include "probes/tls/certificate_facts.h"
#include "probes/tls/handles.h"

namespace exporter::callers {

namespace {

constexpr std::string_view begin_mark = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view end_mark = "-----END CERTIFICATE-----";

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "%20" as a space. A plus is itself: base64 has it.
std::string unescaped(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escape = text[at] == '%' && at + 2 < text.size() && value_of(text[at + 1]) >= 0 && value_of(text[at + 2]) >= 0;
    if (!escape) {
      plain += text[at];
      continue;
    }
    plain += static_cast<char>(value_of(text[at + 1]) * 16 + value_of(text[at + 2]));
    at += 2;
  }
  return plain;
}

// What stands between the first pair of marks; all of it where there are none.
std::string_view body_of(std::string_view text) {
  const std::size_t begin = text.find(begin_mark);
  if (begin == std::string_view::npos) return text;
  text.remove_prefix(begin + begin_mark.size());
  const std::size_t end = text.find(end_mark);
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

// RFC 4648 4, with or without padding; empty where it is none.
std::string decoded(std::string_view text) {
  std::string letters;
  letters.reserve(text.size() + 3);
  for (const char c : text)
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') letters += c;
  while (letters.ends_with('=')) letters.pop_back();
  const std::size_t bytes = letters.size() * 3 / 4;
  letters.append((4 - letters.size() % 4) % 4, '=');
  if (letters.empty() || letters.find_first_of("-_") != std::string::npos) return {};
  std::string out(letters.size() / 4 * 3, '\0');
  const int written = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                      reinterpret_cast<const unsigned char*>(letters.data()), static_cast<int>(letters.size()));
  if (written < 0) return ERR_clear_error(), std::string();
  out.resize(bytes);
  return out;
}

}  // namespace

std::string der_of(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return decoded(body_of(text));
  return decoded(body_of(unescaped(text)));
}

SeenCertificatePtr read_certificate(std::string_view text) { return certificate_of(der_of(text)); }

SeenCertificatePtr certificate_of(std::string der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const probes::tls::Ptr<X509> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  const bool whole = certificate && at == reinterpret_cast<const unsigned char*>(der.data() + der.size());
  ERR_clear_error();
  if (!whole) return nullptr;
  return std::make_shared<const SeenCertificate>(
      SeenCertificate{.facts = probes::tls::remembered_facts(certificate.get()), .der = std::move(der)});
}

SeenCertificates::Found SeenCertificates::of(std::string_view text, std::chrono::steady_clock::time_point now) {
  std::string digest = probes::tls::digest_sha256(text);
  if (const auto known = young_.find(digest); known != young_.end()) return {known->second};
  SeenCertificatePtr certificate;
  if (const auto known = old_.find(digest); known != old_.end()) {
    certificate = known->second;
  } else {
    if (now - second_ >= std::chrono::seconds(1)) second_ = now, read_ = 0;
    if (++read_ > per_second_) return {.certificate = nullptr, .put_off = true};
    certificate = read_certificate(text);
  }
  if (young_.size() >= kept_ / 2) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.emplace(std::move(digest), certificate);
  return {certificate};
}

}  // namespace exporter::callers
