// Why a probe failed: a stage and a reason, both from closed lists, and the TLS alert when one came. These
// words are label values that alert rules depend on: words may be added, none changes its meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace probes::observations {

// How far the probe had come, in the order of a probe.
enum class Stage : std::uint8_t { resolve, connect, proxy, starttls, handshake, client_certificate, application, internal };

enum class Reason : std::uint8_t {
  // resolve
  name_not_found,
  resolve_timeout,
  resolve_failed,
  // connect
  refused,
  unreachable,
  connect_timeout,
  connection_reset,
  // proxy
  proxy_unreachable,
  proxy_timeout,
  proxy_protocol,
  proxy_authentication,
  proxy_refused,
  proxy_target_unreachable,
  // starttls
  starttls_refused,
  starttls_needs_authentication,
  starttls_timeout,
  starttls_protocol,
  plaintext_after_starttls,
  // handshake
  handshake_timeout,
  closed,
  not_tls,
  protocol_error,
  protocol_version,
  no_shared_cipher,
  unrecognized_name,
  no_application_protocol,
  key_too_small,
  key_too_large,
  message_too_large,
  certificate_unparsable,
  no_certificate,
  alert,
  // client_certificate
  certificate_required,
  unknown_ca,
  certificate_expired,
  certificate_revoked,
  bad_certificate,
  unsupported_certificate,
  access_denied,
  closed_after_certificate,
  refused_by_application,
  no_suitable_signature,
  identity_unusable,
  // application
  http_status,
  application_timeout,
  application_protocol,
  // internal
  internal,
};

[[nodiscard]] std::string_view word(Stage stage);
[[nodiscard]] std::string_view word(Reason reason);

// One legal pair. A reason may stand under two stages (connection_reset does).
struct StageReason {
  Stage stage;
  Reason reason;
  bool operator==(const StageReason&) const = default;
};

// Every pair this build can report, in the order of the stages: counters are pre-initialised from it.
[[nodiscard]] std::span<const StageReason> all_reasons();

// What the pair means, for people: one sentence, without a full stop.
[[nodiscard]] std::string_view meaning(StageReason pair);

// The IANA name of a TLS alert in snake_case ("certificate_required" for 116), "alert_<n>" if unknown.
[[nodiscard]] std::string alert_word(std::uint8_t alert);

struct Failure {
  Stage stage = Stage::internal;
  Reason reason = Reason::internal;
  std::optional<std::uint8_t> alert;  // the number of the TLS alert the peer sent
  std::string detail;                 // for people, may quote the peer: never a label
};

}  // namespace probes::observations
