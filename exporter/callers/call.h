// One line of a server's log: who called, with which certificate, and what the server made of it. The line is JSON, alone or
// behind a syslog header or any other text without a brace. It is hostile: everything in it may be anything. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/observations/date.h"
#include "probes/observations/wall_time.h"

namespace exporter::callers {

inline constexpr std::size_t line_limit = 64 * 1024;  // bytes: a certificate of 32 KB, escaped, with what stands around it

// What the server says of the certificate.
enum class Verification : std::uint8_t { untold, success, none, expired, not_yet_valid, revoked, unknown_issuer, failed };

enum class Result : std::uint8_t {
  untold,  // the log does not say
  accepted,
  refused,  // because of the certificate
};

// Of a certificate that the log describes and does not hold.
struct CertificateFacts {
  std::string subject;
  std::string issuer;
  std::string serial;       // lower-case hex, without leading zeros
  std::string fingerprint;  // lower-case hex, of whatever digest
  probes::observations::Date not_after;

  // Enough to know it again: its fingerprint, or its issuer and serial number.
  bool identify() const { return !fingerprint.empty() || (!issuer.empty() && !serial.empty()); }
};

struct Call {
  std::string certificate;  // as the log has it; empty: it holds none
  CertificateFacts facts;
  bool anonymous = false;  // without a certificate
  Verification verification = Verification::untold;
  std::string said;  // of the verification, as the log has it, for people
  Result result = Result::untold;
  std::string server;                                  // the name that was asked for
  std::string address;                                 // of the caller
  std::optional<probes::observations::WallTime> time;  // absent: not told, or not readable
};

// Nothing where the line tells of no call: no JSON object, or one that neither names a certificate nor says that there was none.
[[nodiscard]] std::optional<Call> read_call(std::string_view line);

}  // namespace exporter::callers
