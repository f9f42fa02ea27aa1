// Reads an OCSP answer (RFC 6960), stapled or asked for: whether its issuer or a responder it authorised signed it, whether it
// is about this certificate, and whether it holds now. Whatever is wrong with it, it is an answer: unavailable or unknown, never
// good. Pure functions; any thread; OpenSSL's error queue is left clear.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "probes/revocation/lists.h"
#include "probes/tls/handles.h"

namespace probes::revocation {

// The largest answer that is read, 64 KiB: one of a chain of large signatures takes some 10.
inline constexpr std::size_t largest_answer = 64u << 10;

struct OcspQuestion {
  X509* certificate = nullptr;
  X509* issuer = nullptr;  // signed `certificate`, and is trusted
  std::chrono::sys_seconds at{};
  observations::RevocationMethod method = observations::RevocationMethod::staple;
  std::string source;  // "the server", or the responder's URL
};

// `answer`: an OCSPResponse in DER, as it came.
[[nodiscard]] DatedAnswer read_answer(std::string_view answer, const OcspQuestion& question);

// Whether the answer says until when it holds.
[[nodiscard]] bool says_until_when(std::string_view answer);

// Whether the answer's signature holds: by one of `trusted`, or by a responder that one of them authorised; `others` may be on
// the way. What read_answer() asks with the issuer alone. Borrows everything.
[[nodiscard]] bool is_signed(std::string_view answer, const std::vector<X509*>& trusted, const std::vector<X509*>& others,
                             std::chrono::sys_seconds at);

// RFC 7633: the certificate says that its server staples. A handshake without a staple is then a fault of the server.
[[nodiscard]] bool must_staple(const X509* certificate);

}  // namespace probes::revocation
