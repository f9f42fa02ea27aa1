// Which expectations of a target are broken. A pure function of its slot; mtls_probe_success is 0 exactly when the
// answer is not empty. A slot that was never probed breaks nothing (and publishes no success either). Any thread.
//
//   expectation         broken when
//   handshake           mtls_handshake_failure is 1: resolve to handshake failed, or our certificate was refused
//   chain               certificates came and their chain is not valid
//   hostname            certificates came and the leaf does not carry the name
//   client_certificate  the verdict is rejected or our identity could not be used;
//                       or acceptance was expected (an identity is configured, the server asked) and the verdict is unconfirmed,
//                       or accepted without our certificate having been sent;
//                       or the server never asked although `expect: required`
//   client_auth         the door is a hole (any_certificate, open), or admits someone of must_refuse;
//                       or `expect: required` and the door is none or optional, or let us in without an identity;
//                       or `expect: optional` and the door is none or required;
//                       or `expect: none` and the server asks.
//                       "Could not tell" (undetermined) breaks nothing: it is not "not enforced"
//   application         the application answered, and wrongly (stage application)
//   revocation          a certificate of the chain is revoked
//   certificate         a certificate has a critical finding of its own
//
// What the last probe did not get to see (the dashes of the outcome table) is not judged.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "exporter/estate/estate.h"

namespace exporter {

enum class Expectation { handshake, chain, hostname, client_certificate, client_auth, application, revocation, certificate };

// The value of the label `expectation`.
[[nodiscard]] std::string_view word(Expectation expectation);

// In the order of the enumeration; each at most once.
[[nodiscard]] std::vector<Expectation> broken_expectations(const WatchSlot& slot);

// The same as a bit for each, as a history keeps them.
[[nodiscard]] std::uint8_t bits_of(const std::vector<Expectation>& broken);
[[nodiscard]] std::vector<Expectation> expectations_of(std::uint8_t bits);

}  // namespace exporter
