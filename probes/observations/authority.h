// What a certificate authority has issued, as its database or the certificates themselves tell. A state is what alerts ask for:
// a certificate that was revoked, or renewed under the same name, must wake nobody when it ends. Text is hostile: nothing here
// has been cleaned for any output.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "probes/observations/certificate.h"
#include "probes/observations/inventory.h"

namespace probes::observations {

// The values of the label `state`. The first that holds, read from the end: an expired certificate that was revoked is revoked.
enum class IssuedState : std::uint8_t {
  valid,
  expired,     // by the clock, whatever the database says
  unreadable,  // its end cannot be read: neither of the two
  superseded,  // its subject has a later certificate in good standing
  held,        // revoked for the time being: certificateHold
  revoked,
};
inline constexpr std::size_t issued_states = 6;

[[nodiscard]] std::string_view word(IssuedState state);
[[nodiscard]] std::span<const IssuedState> all_issued_states();

struct IssuedCertificate {
  CertificatePtr certificate;
  bool listed_only = false;  // from a list that gives serial, subject and notAfter: the rest of the certificate is empty
  IssuedState state = IssuedState::valid;
};

struct IssuedCertificates {
  std::array<std::uint64_t, issued_states> counts{};  // by IssuedState
  std::vector<IssuedCertificate> published;           // those that end first, by their end
  std::uint64_t left_out = 0;                         // would have been published, were it not for the limit
  std::vector<Trouble> troubles;
  bool readable = true;  // false: nothing is known, and the troubles say why
};

}  // namespace probes::observations
