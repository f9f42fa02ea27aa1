#include "probes/tls/certificate_facts.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <optional>
#include <utility>

#include "probes/tls/handles.h"
#include "probes/tls/made.h"

namespace probes::tls {

using observations::CertificateDraft;
using Name = CertificateDraft::Name;
using Kind = observations::SubjectAlternativeName::Kind;

namespace {

std::string bytes_of(const ASN1_STRING* text) {
  const int size = text ? ASN1_STRING_length(text) : 0;
  if (size <= 0) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<std::size_t>(size)};
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

std::string dotted(const ASN1_OBJECT* object) {
  std::string text(64, '\0');
  int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  if (size <= 0) return {};
  if (static_cast<std::size_t>(size) >= text.size()) {
    text.resize(static_cast<std::size_t>(size) + 1);
    size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  }
  text.resize(static_cast<std::size_t>(std::max(size, 0)));
  return text;
}

std::string taken(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

namespace {

// Absent: the encoding does not convert.
std::optional<std::string> converted(const X509_NAME* name) {
  const Ptr<BIO> bio = made(BIO_new(BIO_s_mem()));
  if (X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) return std::nullopt;
  return taken(bio.get());
}

}  // namespace

std::string name_text(const X509_NAME* name) {
  if (auto text = converted(name)) return std::move(*text);
  const Ptr<BIO> escaped = made(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(escaped.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_UTF8_CONVERT);
  return taken(escaped.get());
}

std::string digest_sha256(std::string_view bytes) {
  std::string digest(32, '\0');
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(), nullptr) !=
      1)
    return {};
  return digest;
}

observations::Date date_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  const auto date = std::chrono::year(parts.tm_year + 1900) / (parts.tm_mon + 1) / parts.tm_mday;
  return std::chrono::sys_days(date) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
         std::chrono::seconds(parts.tm_sec);
}

namespace {

// Absent: it is no text, as an OCTET STRING is.
std::optional<std::string> common_name(const X509_NAME* name) {
  int last = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return "";
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, value);
  if (size < 0) return std::nullopt;
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return text;
}

// As i2a_ASN1_INTEGER prints it, in lower case: two digits an octet, zero is "00". Empty for a number without octets, which is
// none.
std::string serial_text(const ASN1_INTEGER* serial) {
  const std::string digits = hex(bytes_of(serial));
  const bool negative = (ASN1_STRING_type(serial) & V_ASN1_NEG) != 0;
  return digits.empty() ? digits : (negative ? "-" : "") + digits;
}

Name address(const ASN1_OCTET_STRING* octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const std::string bytes = bytes_of(octets);
  if (bytes.size() != 4 && bytes.size() != 16) return {Kind::other, "ip:" + hex(bytes)};
  inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return {Kind::ip, text.data()};
}

Name alternative_name(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS: return {Kind::dns, bytes_of(name->d.dNSName)};
    case GEN_URI: return {Kind::uri, bytes_of(name->d.uniformResourceIdentifier)};
    case GEN_EMAIL: return {Kind::email, bytes_of(name->d.rfc822Name)};
    case GEN_IPADD: return address(name->d.iPAddress);
    case GEN_DIRNAME: return {Kind::other, "dirname:" + name_text(name->d.directoryName)};
    case GEN_RID: return {Kind::other, "rid:" + dotted(name->d.registeredID)};
    case GEN_OTHERNAME: return {Kind::other, "othername:" + dotted(name->d.otherName->type_id)};
    case GEN_X400: return {Kind::other, "x400"};
    case GEN_EDIPARTY: return {Kind::other, "ediparty"};
    default: return {Kind::other, "unknown"};
  }
}

// Names kept of one certificate: an empty one takes two bytes there and forty or more here. Public authorities allow hundreds.
constexpr int most_alternative_names = 10'000;

std::vector<Name> alternative_names(X509* certificate) {
  std::vector<Name> names;
  auto* listed = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  const int count = std::clamp(sk_GENERAL_NAME_num(listed), 0, most_alternative_names);
  names.reserve(static_cast<std::size_t>(count));
  for (int index = 0; index < count; ++index) names.push_back(alternative_name(sk_GENERAL_NAME_value(listed, index)));
  GENERAL_NAMES_free(listed);
  return names;
}

std::vector<std::string> extended_key_usages(X509* certificate) {
  std::vector<std::string> usages;
  auto* listed = static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr));
  for (int index = 0; index < sk_ASN1_OBJECT_num(listed); ++index) {
    const ASN1_OBJECT* usage = sk_ASN1_OBJECT_value(listed, index);
    const int nid = OBJ_obj2nid(usage);
    usages.push_back(nid == NID_undef ? dotted(usage) : OBJ_nid2sn(nid));
  }
  EXTENDED_KEY_USAGE_free(listed);
  return usages;
}

std::vector<std::string> policies(X509* certificate) {
  std::vector<std::string> listed;
  auto* information =
      static_cast<CERTIFICATEPOLICIES*>(X509_get_ext_d2i(certificate, NID_certificate_policies, nullptr, nullptr));
  for (int index = 0; index < sk_POLICYINFO_num(information); ++index)
    listed.push_back(dotted(sk_POLICYINFO_value(information, index)->policyid));
  CERTIFICATEPOLICIES_free(information);
  return listed;
}

// EC_curve_nid2nist knows "P-256"; other curves keep OpenSSL's short name.
std::string curve(const EVP_PKEY* key) {
  std::array<char, 80> group{};
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) return {};
  const char* nist = EC_curve_nid2nist(OBJ_sn2nid(group.data()));
  return nist ? nist : group.data();
}

void read_key(X509* certificate, CertificateDraft& facts) {
  facts.key_type = "unknown";
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return;
  const char* type = EVP_PKEY_get0_type_name(key);
  if (type == nullptr) return;
  facts.key_type = type;
  std::transform(facts.key_type.begin(), facts.key_type.end(), facts.key_type.begin(),
                 [](char letter) { return static_cast<char>(std::tolower(static_cast<unsigned char>(letter))); });
  facts.key_bits = std::max(EVP_PKEY_get_bits(key), 0);
  if (facts.key_type == "ec") facts.key_curve = curve(key);
}

// Also where OpenSSL cannot read the key.
std::uint64_t key_digest(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  if (X509_pubkey_digest(certificate, EVP_sha256(), digest.data(), nullptr) != 1) return 0;
  std::uint64_t first = 0;
  for (std::size_t index = 0; index < sizeof first; ++index) first = first << 8 | digest[index];
  return first;
}

std::string signature_algorithm(const X509* certificate) {
  const int nid = X509_get_signature_nid(certificate);
  if (nid != NID_undef) return OBJ_nid2ln(nid);
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate);
  return algorithm ? dotted(algorithm->algorithm) : std::string();
}

bool certificate_authority(X509* certificate) {
  auto* constraints = static_cast<BASIC_CONSTRAINTS*>(X509_get_ext_d2i(certificate, NID_basic_constraints, nullptr, nullptr));
  const bool authority = constraints != nullptr && constraints->ca != 0;
  BASIC_CONSTRAINTS_free(constraints);
  return authority;
}

void read_identifiers(X509* certificate, CertificateDraft& facts) {
  auto* authority = static_cast<AUTHORITY_KEYID*>(X509_get_ext_d2i(certificate, NID_authority_key_identifier, nullptr, nullptr));
  if (authority != nullptr) facts.authority_key_identifier = hex(bytes_of(authority->keyid));
  AUTHORITY_KEYID_free(authority);
  auto* subject = static_cast<ASN1_OCTET_STRING*>(X509_get_ext_d2i(certificate, NID_subject_key_identifier, nullptr, nullptr));
  facts.subject_key_identifier = hex(bytes_of(subject));
  ASN1_OCTET_STRING_free(subject);
}

}  // namespace

CertificateDraft facts(X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const X509_NAME* issuer = X509_get_issuer_name(certificate);
  CertificateDraft facts;
  facts.subject = name_text(subject);
  const auto subject_common_name = common_name(subject), issuer_common_name = common_name(issuer);
  facts.subject_common_name = subject_common_name.value_or("");
  facts.subject_readable = subject_common_name && converted(subject);
  facts.issuer = name_text(issuer);
  facts.issuer_readable = issuer_common_name && converted(issuer);
  facts.issuer_common_name = issuer_common_name.value_or("");
  facts.serial = serial_text(X509_get0_serialNumber(certificate));
  facts.fingerprint_sha256 = fingerprint_sha256(certificate);
  facts.not_before = date_of(X509_get0_notBefore(certificate));
  facts.not_after = date_of(X509_get0_notAfter(certificate));
  facts.subject_alternative_names = alternative_names(certificate);
  read_key(certificate, facts);
  facts.key_digest = key_digest(certificate);
  facts.signature_algorithm = signature_algorithm(certificate);
  read_identifiers(certificate, facts);
  facts.extended_key_usages = extended_key_usages(certificate);
  facts.policies = policies(certificate);
  constexpr long most = 1'000'000;  // what certificates claim is any number
  facts.version = static_cast<int>(std::clamp(X509_get_version(certificate), -1L, most)) + 1;
  facts.authority = certificate_authority(certificate);
  facts.self_issued = X509_NAME_cmp(subject, issuer) == 0;
  ERR_clear_error();
  return facts;
}

std::string der(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) {
    ERR_clear_error();
    return {};
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  i2d_X509(certificate, &out);
  return bytes;
}

std::string fingerprint_sha256(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return hex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace probes::tls
