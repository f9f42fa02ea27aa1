// DER: certificates, one behind the other, or one revocation list.
#include "probes/inventory/der.h"

#include <openssl/asn1.h>
#include <openssl/err.h>

#include <cstdint>

#include "probes/inventory/reading.h"
#include "probes/tls/slim_library.h"

namespace probes::inventory {

using observations::SourceReason;

std::optional<std::string_view> inside_sequence(std::string_view bytes) {
  if (bytes.size() < 2 || bytes[0] != '\x30') return std::nullopt;
  const auto length = static_cast<std::uint8_t>(bytes[1]);
  // X.690 8.1.3: short form, 0x80 for the indefinite form of BER, or the number of octets that follow.
  const std::size_t octets = length <= 0x80 ? 0 : length & 0x7fu;
  if (octets > 4 || bytes.size() < 2 + octets) return std::nullopt;
  return bytes.substr(2 + octets);
}

// A certificate or list is a SEQUENCE that begins with a SEQUENCE, in an octet count of its own from 128 bytes on: text that
// begins with the digit 0, which is 0x30, is none.
bool is_der(std::string_view bytes) {
  const auto inside = inside_sequence(bytes);
  return inside && inside->starts_with('\x30') && (static_cast<std::uint8_t>(bytes[1]) & 0x80) != 0;
}

namespace {

// The size of the element at `at`, its header included; 0 where that does not say it.
long element_size(const unsigned char* at, long rest) {
  const unsigned char* inside = at;
  long size = 0;
  int tag = 0, tag_class = 0;
  const int kind = ASN1_get_object(&inside, &size, &tag, &tag_class, rest);
  return kind == V_ASN1_CONSTRUCTED ? inside - at + size : 0;
}

}  // namespace

void read_der(std::string_view bytes, Reading reading) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const unsigned char* const end = at + bytes.size();
  if (reading.revocation_list(bytes)) return;
  int count = 0;
  while (at < end) {
    if (const long size = element_size(at, end - at); !reading.admits(static_cast<std::size_t>(size))) {
      at += size;
    } else {
      const tls::Ptr<X509> certificate = tls::read_certificate(at, end - at);
      if (!certificate) break;
      reading.certificate(certificate.get());
    }
    ++count;
  }
  ERR_clear_error();
  if (count == 0) reading.trouble(SourceReason::bad_der, "no certificate and no revocation list, though it begins like one");
  else if (at < end)
    reading.trouble(SourceReason::bad_der, std::to_string(end - at) + " bytes behind the last certificate are none");
}

}  // namespace probes::inventory
