// What is published of the callers of one door: the client certificates that its servers' logs tell of (exporter/callers). Each
// caller stands beside its certificate in the source's slot. Values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "probes/observations/certificate.h"
#include "probes/observations/wall_time.h"

namespace exporter {

using probes::observations::WallTime;

// The values of the label `state`, in the order in which they are asked for: a caller is in the first that fits.
enum class CallerState : std::uint8_t {
  revoked,
  expired,
  not_yet_valid,
  unknown_issuer,  // chains to nothing of its door's trust store
  not_issued,      // the database of its authority does not know it
  superseded,      // its authority has issued a later one to its subject
  expiring,        // as MtlsCertificateExpiring has it
  valid,
};
inline constexpr std::size_t caller_states = 8;

[[nodiscard]] std::string_view word(CallerState state);
[[nodiscard]] std::span<const CallerState> all_caller_states();

using CountsByState = std::array<std::uint64_t, caller_states>;

struct Caller {
  std::string fingerprint;  // as far as it is known: of SHA-256, or what the log gives; it tells callers of one serial apart
  CallerState state = CallerState::valid;
  WallTime first_seen{};
  WallTime last_seen{};
  WallTime calls_until{};  // it still calls until then: seen within three times its own longest gap, or a week
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::string server;                  // the name it asked for last; may be empty
  std::vector<std::string> addresses;  // it came from these, the latest last; never a label
  bool more_addresses = false;         // and from others
  std::string verification;            // what the server said of its certificate last; may be empty
};

struct CallersFound {
  std::vector<std::shared_ptr<const Caller>> callers;  // of each certificate of the slot, in its order
  CountsByState counts{};                              // of all callers
  CountsByState strangers{};                           // calls that were refused and of which no record is kept
  std::uint64_t anonymous = 0;                         // calls without a certificate
  std::uint64_t read = 0;                              // lines that told of a call
  std::uint64_t unreadable = 0;                        // lines that did not
  std::uint64_t dropped = 0;                           // lines above a limit
};

// The states in which a caller without a record can be.
[[nodiscard]] std::span<const CallerState> stranger_states();

// The label `position` of each caller's series, in the order of `certificates`: the serial, or the beginning of the fingerprint
// of those that have none and of those that would have the same labels as another.
[[nodiscard]] std::vector<std::string> caller_positions(const std::vector<probes::observations::CertificatePtr>& certificates,
                                                        const std::vector<std::shared_ptr<const Caller>>& callers);

}  // namespace exporter
