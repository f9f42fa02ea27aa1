#include "probes/tls/failure.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace probes::tls {

namespace {

using observations::Failure;
using observations::Reason;
using observations::Stage;

struct AlertRow {
  int alert;
  Reason reason;
};

// What an alert says of our certificate. Numbers that are no verdict on certificates still follow it: bad_certificate.
constexpr std::array certificate_alerts = {
    AlertRow{SSL_AD_CERTIFICATE_EXPIRED, Reason::certificate_expired},
    AlertRow{SSL_AD_CERTIFICATE_REVOKED, Reason::certificate_revoked},
    AlertRow{SSL_AD_UNSUPPORTED_CERTIFICATE, Reason::unsupported_certificate},
    AlertRow{SSL_AD_UNKNOWN_CA, Reason::unknown_ca},
    AlertRow{SSL_AD_ACCESS_DENIED, Reason::access_denied},
    AlertRow{SSL_AD_CERTIFICATE_REQUIRED, Reason::certificate_required},
};

constexpr std::array handshake_alerts = {
    AlertRow{SSL_AD_PROTOCOL_VERSION, Reason::protocol_version},
    // RFC 8446 6.2: negotiation failed because the server requires parameters more secure than those supported by the client.
    AlertRow{SSL_AD_INSUFFICIENT_SECURITY, Reason::no_shared_cipher},
    AlertRow{SSL_AD_UNRECOGNIZED_NAME, Reason::unrecognized_name},
    AlertRow{SSL_AD_NO_APPLICATION_PROTOCOL, Reason::no_application_protocol},
};

struct ErrorRow {
  int reason;  // SSL_R_*
  Reason word;
};

constexpr std::array handshake_errors = {
    ErrorRow{SSL_R_UNSUPPORTED_PROTOCOL, Reason::protocol_version},
    ErrorRow{SSL_R_WRONG_SSL_VERSION, Reason::protocol_version},
    ErrorRow{SSL_R_WRONG_VERSION_NUMBER, Reason::protocol_version},
    ErrorRow{SSL_R_VERSION_TOO_LOW, Reason::protocol_version},
    ErrorRow{SSL_R_NO_CIPHERS_AVAILABLE, Reason::no_shared_cipher},
    ErrorRow{SSL_R_NO_PROTOCOLS_AVAILABLE, Reason::protocol_version},
    ErrorRow{SSL_R_DH_KEY_TOO_SMALL, Reason::key_too_small},
    ErrorRow{SSL_R_EE_KEY_TOO_SMALL, Reason::key_too_small},
    ErrorRow{SSL_R_CA_KEY_TOO_SMALL, Reason::key_too_small},
    ErrorRow{SSL_R_EXCESSIVE_MESSAGE_SIZE, Reason::message_too_large},
    ErrorRow{SSL_R_UNABLE_TO_FIND_PUBLIC_KEY_PARAMETERS, Reason::certificate_unparsable},
    ErrorRow{SSL_R_UNKNOWN_CERTIFICATE_TYPE, Reason::certificate_unparsable},
    ErrorRow{SSL_R_CERT_LENGTH_MISMATCH, Reason::certificate_unparsable},
    ErrorRow{SSL_R_NO_CERTIFICATES_RETURNED, Reason::no_certificate},
};

template <typename Rows>
Reason look_up(const Rows& rows, int number, Reason otherwise) {
  for (const auto& row : rows) {
    if constexpr (requires { row.alert; }) {
      if (row.alert == number) return row.reason;
    } else if (row.reason == number) {
      return row.word;
    }
  }
  return otherwise;
}

Failure refused(const Trace& trace, const Stop& stop) {
  Failure failure{.stage = Stage::client_certificate,
                  .reason = Reason::closed_after_certificate,
                  .alert = trace.fatal_alert,
                  .detail = stop.detail};
  // RFC 8446 4.4.2.4 and RFC 5246 7.4.6 leave the server a choice of alerts for an empty Certificate message.
  if (!trace.certificate_sent) failure.reason = Reason::certificate_required;
  else if (trace.fatal_alert) failure.reason = look_up(certificate_alerts, *trace.fatal_alert, Reason::bad_certificate);
  return failure;
}

Reason handshake_reason(const Trace& trace, const Stop& stop) {
  if (stop.end == net::End::too_late) return Reason::handshake_timeout;
  if (stop.end == net::End::flooded) return stop.too_many_messages ? Reason::protocol_error : Reason::message_too_large;
  if (stop.exchange_too_large) return Reason::key_too_large;
  if (trace.fatal_alert) return look_up(handshake_alerts, *trace.fatal_alert, Reason::alert);
  if (stop.end == net::End::reset) return Reason::connection_reset;
  if (stop.end == net::End::closed) return Reason::closed;
  if (trace.received && !trace.speaks_tls) return Reason::not_tls;
  if (stop.library == ERR_LIB_SSL)
    if (const Reason known = look_up(handshake_errors, stop.reason, Reason::protocol_error); known != Reason::protocol_error)
      return known;
  if (stop.in_certificate && trace.server_hello && !trace.reading_request) return Reason::certificate_unparsable;
  return Reason::protocol_error;
}

}  // namespace

Failure explain(const Trace& trace, const Stop& stop) {
  const bool ended_by_peer = trace.fatal_alert || stop.end == net::End::closed || stop.end == net::End::reset;
  if (trace.certificate_answered && ended_by_peer) return refused(trace, stop);
  Failure failure{
      .stage = Stage::handshake, .reason = handshake_reason(trace, stop), .alert = trace.fatal_alert, .detail = stop.detail};
  if (failure.reason == Reason::not_tls && trace.greeting != Greeting::none) failure.detail = word(trace.greeting);
  return failure;
}

}  // namespace probes::tls
