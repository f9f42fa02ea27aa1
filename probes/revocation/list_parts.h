// The DER of a revocation list, taken apart without objects: its parts, and how each is read. Borrows the bytes; pure.
#pragma once

#include <openssl/x509v3.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/bytes/der_cursor.h"
#include "probes/tls/handles.h"

namespace probes::revocation {

using bytes::DerCursor;
using bytes::Element;

inline constexpr std::uint8_t sequence = 0x30, integer = 0x02, bit_string = 0x03, octet_string = 0x04, object = 0x06,
                              enumerated = 0x0a, boolean = 0x01, utc_time = 0x17, generalized_time = 0x18, extensions_tag = 0xa0;

// X.690 8.3.2: the first nine bits are neither all ones nor all zero.
[[nodiscard]] bool minimal(std::string_view number);

// Of UTCTime or GeneralizedTime; absent where it is neither, or no date.
[[nodiscard]] std::optional<std::chrono::sys_seconds> time_of(const Element& element);
// The same; "YYMMDDHHMMSSZ" without a detour, as nearly every entry writes it: a million of them are read in a blink.
[[nodiscard]] std::optional<std::chrono::sys_seconds> quick_time(const Element& element);

[[nodiscard]] tls::Ptr<X509_NAME> name_of(std::string_view der);  // null: it is none
[[nodiscard]] std::string decimal(const ASN1_INTEGER* number);    // empty: none, or too long for a gauge

struct Extension {
  std::string_view oid;  // content
  bool critical = false;
  std::string_view value;  // what the OCTET STRING holds
};

// Calls `take` for each of Extensions ::= SEQUENCE OF; false where that is malformed or `take` is not content.
template <typename Take>
bool each_extension(std::string_view list, Take take) {
  DerCursor cursor(list);
  while (!cursor.at_end()) {
    const auto one = cursor.next(sequence);
    if (!one) return false;
    DerCursor parts(one->content);
    const auto oid = parts.next(object);
    if (!oid) return false;
    Extension extension{.oid = oid->content, .critical = false, .value = {}};
    if (const auto critical = parts.next(boolean))
      extension.critical = critical->content.size() == 1 && critical->content[0] != '\0';
    const auto value = parts.next(octet_string);
    if (!value || !parts.at_end()) return false;
    extension.value = value->content;
    if (!take(extension)) return false;
  }
  return true;
}

// id-ce: 2.5.29.N, in DER.
inline bool is_id_ce(std::string_view oid, std::uint8_t number) {
  return oid.size() == 3 && oid[0] == '\x55' && oid[1] == '\x1d' && static_cast<std::uint8_t>(oid[2]) == number;
}
inline constexpr std::uint8_t reason_code = 21, crl_number_extension = 20, delta_indicator = 27, distribution_point = 28,
                              certificate_issuer = 29, authority_key = 35, invalidity_date = 24, freshest = 46, issuer_names = 18;

template <typename Handle>
Handle* decoded(Handle* (*read)(Handle**, const unsigned char**, long), std::string_view der) {
  const unsigned char* at = reinterpret_cast<const unsigned char*>(der.data());
  return read(nullptr, &at, static_cast<long>(der.size()));
}

// CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue }, and the parts of tbsCertList.
struct ParsedList {
  Element tbs, algorithm, signature;
  std::string_view inner_algorithm, issuer, entries, extensions;
  Element this_update;
  std::optional<Element> next_update;
  bool second_version = false;

  [[nodiscard]] static std::optional<ParsedList> of(std::string_view der);  // nothing where it is malformed

 private:
  bool take_parts();
};

}  // namespace probes::revocation
