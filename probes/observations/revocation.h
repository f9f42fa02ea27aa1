// What is known of a certificate's revocation: who was asked (a list, a staple, a responder), what was answered, and until when
// that holds. Plain values. A status that could not be had is never good.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "probes/observations/certificate.h"

namespace probes::observations {

enum class RevocationMethod : std::uint8_t { crl, staple, ocsp };

// In the order of what they weigh: of two answers about one certificate the later one here counts.
enum class RevocationStatus : std::uint8_t {
  good,         // its issuer says, now, that it is not revoked
  unknown,      // nobody that was asked speaks for this certificate
  unavailable,  // a list or responder does, and cannot be used now: lapsed, not signed by its issuer, not to be had
  revoked,
};

// RFC 5280 5.3.1, by its numbers.
enum class RevocationReason : std::uint8_t {
  unspecified = 0,
  key_compromise = 1,
  ca_compromise = 2,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
  certificate_hold = 6,
  remove_from_crl = 8,
  privilege_withdrawn = 9,
  aa_compromise = 10,
};

[[nodiscard]] std::string_view word(RevocationMethod method);
[[nodiscard]] std::string_view word(RevocationStatus status);
[[nodiscard]] std::string_view word(RevocationReason reason);
[[nodiscard]] std::span<const RevocationStatus> all_revocation_statuses();

// The word of a reason by its number; `unspecified` for a number that stands for none.
[[nodiscard]] RevocationReason revocation_reason(long number);

struct RevocationAnswer {
  RevocationMethod method = RevocationMethod::crl;
  RevocationStatus status = RevocationStatus::unknown;
  CertificatePtr certificate;                               // whose status it is; never null
  std::size_t depth = 0;                                    // of that on its path: 0 for the leaf
  std::string source;                                       // the file or URL that said it; empty: none did
  std::optional<std::chrono::sys_seconds> until;            // when that must have been replaced; absent: it does not say
  std::optional<std::chrono::sys_seconds> revoked_at;       // of a revoked one
  RevocationReason reason = RevocationReason::unspecified;  // of a revoked one
  std::string detail;                                       // why it is unknown or unavailable; for people, hostile text possible
};

// What `method` says of a chain as a whole; absent: it was not asked. A revoked certificate anywhere on the path speaks for the
// chain, and so does an issuer's list that is there and cannot be used; otherwise it is the leaf's status, because an issuer
// of which nobody keeps a list says nothing of the leaf.
[[nodiscard]] std::optional<RevocationStatus> status_of(const std::vector<RevocationAnswer>& answers, RevocationMethod method);

// "2027-01-02 03:04 UTC".
[[nodiscard]] std::string minute_text(std::chrono::sys_seconds at);

// What a method found, for a person: "good, says /etc/pki/a.crl until 2027-01-02". Hostile text possible.
[[nodiscard]] std::string described(const RevocationAnswer& answer);

}  // namespace probes::observations
