#include "probes/revocation/list_parts.h"

#include <array>
#include <memory>
#include <utility>

#include "probes/tls/certificate_facts.h"

namespace probes::revocation {

namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

bool minimal(std::string_view number) {
  if (number.empty()) return false;
  if (number.size() == 1) return true;
  const bool first_set = (static_cast<std::uint8_t>(number[0]) & 0x80) != 0,
             next_set = (static_cast<std::uint8_t>(number[1]) & 0x80) != 0;
  return !(number[0] == '\0' && !next_set) && !(number[0] == '\xff' && first_set && next_set);
}

std::optional<std::chrono::sys_seconds> time_of(const Element& element) {
  if (element.tag != utc_time && element.tag != generalized_time) return std::nullopt;
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> time(ASN1_STRING_type_new(element.tag), ASN1_TIME_free);
  if (ASN1_STRING_set(time.get(), element.content.data(), static_cast<int>(element.content.size())) != 1 ||
      ASN1_TIME_check(time.get()) != 1)
    return std::nullopt;
  const observations::Date date = tls::date_of(time.get());
  if (!date) return std::nullopt;
  return *date;
}

std::optional<std::chrono::sys_seconds> quick_time(const Element& element) {
  const std::string_view text = element.content;
  const auto plain = [&] { return text.size() == 13 && text[12] == 'Z'; };
  if (element.tag != utc_time || !plain()) return time_of(element);
  std::array<unsigned, 6> parts{};
  for (std::size_t i = 0; i < 6; ++i) {
    const char tens = text[2 * i], ones = text[2 * i + 1];
    if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return std::nullopt;
    parts[i] = static_cast<unsigned>(tens - '0') * 10 + static_cast<unsigned>(ones - '0');
  }
  // RFC 5280 4.1.2.5.1: years from 50 on are of the last century.
  const auto year = std::chrono::year(static_cast<int>(parts[0]) + (parts[0] < 50 ? 2000 : 1900));
  const std::chrono::year_month_day date(year, std::chrono::month(parts[1]), std::chrono::day(parts[2]));
  if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(parts[3]) + std::chrono::minutes(parts[4]) +
         std::chrono::seconds(parts[5]);
}

tls::Ptr<X509_NAME> name_of(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  tls::Ptr<X509_NAME> name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  return name && at == bytes_of(der) + der.size() ? std::move(name) : nullptr;
}

std::string decimal(const ASN1_INTEGER* number) {
  // RFC 5280 5.2.3 allows 20 octets; some CAs count on. What is beyond a double (1.8e308) is no number for a gauge.
  constexpr int most_octets = 127;
  if (number == nullptr || ASN1_STRING_length(number) > most_octets) return {};
  BIGNUM* value = ASN1_INTEGER_to_BN(number, nullptr);
  char* text = value == nullptr ? nullptr : BN_bn2dec(value);
  std::string found = text == nullptr ? "" : text;
  OPENSSL_free(text);
  BN_free(value);
  return found;
}

std::optional<ParsedList> ParsedList::of(std::string_view der) {
  DerCursor outer(der);
  const auto whole = outer.next(sequence);
  if (!whole) return std::nullopt;  // what stands behind it is passed over, as OpenSSL does
  DerCursor parts(whole->content);
  const auto tbs = parts.next(sequence), algorithm = parts.next(sequence), signature = parts.next(bit_string);
  if (!tbs || !algorithm || !signature || !parts.at_end()) return std::nullopt;
  ParsedList parsed{.tbs = *tbs, .algorithm = *algorithm, .signature = *signature};
  return parsed.take_parts() ? std::optional(parsed) : std::nullopt;
}

bool ParsedList::take_parts() {
  DerCursor parts(tbs.content);
  if (parts.tag() == integer) {
    const auto version = parts.next();
    if (!version || version->content != std::string_view("\x01", 1)) return false;  // RFC 5280 5.1.2.1: v2 is written as 1
    second_version = true;
  }
  const auto inner = parts.next(sequence), name = parts.next(sequence), made = parts.next();
  if (!inner || !name || !made) return false;
  inner_algorithm = inner->whole;
  issuer = name->whole;
  this_update = *made;
  if (parts.tag() == utc_time || parts.tag() == generalized_time) next_update = parts.next();
  if (parts.tag() == sequence) {
    const auto revoked = parts.next();
    if (!revoked) return false;
    entries = revoked->content;
  }
  if (parts.tag() == extensions_tag) {
    const auto wrapped = parts.next();
    if (!wrapped || !second_version) return false;
    DerCursor inside(wrapped->content);
    const auto list = inside.next(sequence);
    if (!list || !inside.at_end()) return false;
    extensions = list->content;
  }
  return parts.at_end();
}

}  // namespace probes::revocation
