#include "probes/observations/reason.h"

#include <array>
#include <utility>

namespace probes::observations {

std::string_view word(Stage stage) {
  switch (stage) {
    case Stage::resolve: return "resolve";
    case Stage::connect: return "connect";
    case Stage::proxy: return "proxy";
    case Stage::starttls: return "starttls";
    case Stage::handshake: return "handshake";
    case Stage::client_certificate: return "client_certificate";
    case Stage::application: return "application";
    case Stage::internal: return "internal";
  }
  return "internal";
}

std::string_view word(Reason reason) {
  switch (reason) {
    case Reason::name_not_found: return "name_not_found";
    case Reason::resolve_timeout: return "resolve_timeout";
    case Reason::resolve_failed: return "resolve_failed";
    case Reason::refused: return "refused";
    case Reason::unreachable: return "unreachable";
    case Reason::connect_timeout: return "connect_timeout";
    case Reason::connection_reset: return "connection_reset";
    case Reason::proxy_unreachable: return "proxy_unreachable";
    case Reason::proxy_timeout: return "proxy_timeout";
    case Reason::proxy_protocol: return "proxy_protocol";
    case Reason::proxy_authentication: return "proxy_authentication";
    case Reason::proxy_refused: return "proxy_refused";
    case Reason::proxy_target_unreachable: return "proxy_target_unreachable";
    case Reason::starttls_refused: return "starttls_refused";
    case Reason::starttls_needs_authentication: return "starttls_needs_authentication";
    case Reason::starttls_timeout: return "starttls_timeout";
    case Reason::starttls_protocol: return "starttls_protocol";
    case Reason::plaintext_after_starttls: return "plaintext_after_starttls";
    case Reason::handshake_timeout: return "handshake_timeout";
    case Reason::closed: return "closed";
    case Reason::not_tls: return "not_tls";
    case Reason::protocol_error: return "protocol_error";
    case Reason::protocol_version: return "protocol_version";
    case Reason::no_shared_cipher: return "no_shared_cipher";
    case Reason::unrecognized_name: return "unrecognized_name";
    case Reason::no_application_protocol: return "no_application_protocol";
    case Reason::key_too_small: return "key_too_small";
    case Reason::key_too_large: return "key_too_large";
    case Reason::message_too_large: return "message_too_large";
    case Reason::certificate_unparsable: return "certificate_unparsable";
    case Reason::no_certificate: return "no_certificate";
    case Reason::alert: return "alert";
    case Reason::certificate_required: return "certificate_required";
    case Reason::unknown_ca: return "unknown_ca";
    case Reason::certificate_expired: return "certificate_expired";
    case Reason::certificate_revoked: return "certificate_revoked";
    case Reason::bad_certificate: return "bad_certificate";
    case Reason::unsupported_certificate: return "unsupported_certificate";
    case Reason::access_denied: return "access_denied";
    case Reason::closed_after_certificate: return "closed_after_certificate";
    case Reason::refused_by_application: return "refused_by_application";
    case Reason::no_suitable_signature: return "no_suitable_signature";
    case Reason::identity_unusable: return "identity_unusable";
    case Reason::http_status: return "http_status";
    case Reason::application_timeout: return "application_timeout";
    case Reason::application_protocol: return "application_protocol";
    case Reason::internal: return "internal";
  }
  return "internal";
}

std::span<const StageReason> all_reasons() {
  using enum Reason;
  static constexpr std::array pairs = {
      StageReason{Stage::resolve, name_not_found},
      StageReason{Stage::resolve, resolve_timeout},
      StageReason{Stage::resolve, resolve_failed},
      StageReason{Stage::connect, refused},
      StageReason{Stage::connect, unreachable},
      StageReason{Stage::connect, connect_timeout},
      StageReason{Stage::connect, connection_reset},
      StageReason{Stage::proxy, proxy_unreachable},
      StageReason{Stage::proxy, proxy_timeout},
      StageReason{Stage::proxy, proxy_protocol},
      StageReason{Stage::proxy, proxy_authentication},
      StageReason{Stage::proxy, proxy_refused},
      StageReason{Stage::proxy, proxy_target_unreachable},
      StageReason{Stage::starttls, starttls_refused},
      StageReason{Stage::starttls, starttls_needs_authentication},
      StageReason{Stage::starttls, starttls_timeout},
      StageReason{Stage::starttls, starttls_protocol},
      StageReason{Stage::starttls, plaintext_after_starttls},
      StageReason{Stage::handshake, handshake_timeout},
      StageReason{Stage::handshake, connection_reset},
      StageReason{Stage::handshake, closed},
      StageReason{Stage::handshake, not_tls},
      StageReason{Stage::handshake, protocol_error},
      StageReason{Stage::handshake, protocol_version},
      StageReason{Stage::handshake, no_shared_cipher},
      StageReason{Stage::handshake, unrecognized_name},
      StageReason{Stage::handshake, no_application_protocol},
      StageReason{Stage::handshake, key_too_small},
      StageReason{Stage::handshake, key_too_large},
      StageReason{Stage::handshake, message_too_large},
      StageReason{Stage::handshake, certificate_unparsable},
      StageReason{Stage::handshake, no_certificate},
      StageReason{Stage::handshake, alert},
      StageReason{Stage::client_certificate, certificate_required},
      StageReason{Stage::client_certificate, unknown_ca},
      StageReason{Stage::client_certificate, certificate_expired},
      StageReason{Stage::client_certificate, certificate_revoked},
      StageReason{Stage::client_certificate, bad_certificate},
      StageReason{Stage::client_certificate, unsupported_certificate},
      StageReason{Stage::client_certificate, access_denied},
      StageReason{Stage::client_certificate, closed_after_certificate},
      StageReason{Stage::client_certificate, refused_by_application},
      StageReason{Stage::client_certificate, no_suitable_signature},
      StageReason{Stage::client_certificate, identity_unusable},
      StageReason{Stage::application, http_status},
      StageReason{Stage::application, application_timeout},
      StageReason{Stage::application, application_protocol},
      StageReason{Stage::internal, internal},
  };
  return pairs;
}

std::string_view meaning(StageReason pair) {
  switch (pair.reason) {
    case Reason::name_not_found: return "The name does not exist or has no address";
    case Reason::resolve_timeout: return "No name server answered before the deadline";
    case Reason::resolve_failed: return "The name servers answered with an error, or there are none";
    case Reason::refused: return "Nothing listens at the port: the connection was refused";
    case Reason::unreachable: return "There is no route to the host or network";
    case Reason::connect_timeout: return "The connection did not come about before the deadline";
    case Reason::connection_reset:
      return pair.stage == Stage::connect ? "The connection was reset while it was being made"
                                          : "The server reset the connection during the handshake";
    case Reason::proxy_unreachable: return "The proxy cannot be reached: its name, its address or its port";
    case Reason::proxy_timeout: return "The proxy did not connect us before the deadline";
    case Reason::proxy_protocol: return "What answered is no proxy of this kind, or it hung up";
    case Reason::proxy_authentication: return "The proxy wants a login, or refuses ours";
    case Reason::proxy_refused: return "The proxy does not allow this connection";
    case Reason::proxy_target_unreachable: return "The proxy says that it cannot reach the server";
    case Reason::starttls_refused: return "The server does no TLS here: it refused STARTTLS, or does not offer it";
    case Reason::starttls_needs_authentication: return "The server wants a login before STARTTLS";
    case Reason::starttls_timeout: return "The dialogue before TLS did not finish before the deadline";
    case Reason::starttls_protocol: return "What answered does not speak this protocol, or hung up in the dialogue before TLS";
    case Reason::plaintext_after_starttls:
      return "After it agreed to TLS the server sent more in the clear: somebody on the way could have put it there";
    case Reason::handshake_timeout: return "The handshake did not finish before the deadline";
    case Reason::closed: return "The server closed the connection during the handshake without an alert";
    case Reason::not_tls: return "What answered does not speak TLS";
    case Reason::protocol_error: return "The server broke the TLS protocol";
    case Reason::protocol_version: return "No TLS version that both sides allow";
    case Reason::no_shared_cipher: return "No cipher, group or signature algorithm that both sides allow";
    case Reason::unrecognized_name: return "The server does not know the name asked for by SNI";
    case Reason::no_application_protocol: return "The server speaks none of the ALPN protocols offered";
    case Reason::key_too_small: return "The server's key exchange is weaker than the security level allows";
    case Reason::key_too_large: return "The server's Diffie-Hellman group is above the 4096 bits that a probe computes with";
    case Reason::message_too_large: return "A handshake message was larger than our limit";
    case Reason::certificate_unparsable: return "OpenSSL cannot read a certificate that the server sent";
    case Reason::no_certificate: return "The server sent no certificate";
    case Reason::alert: return "The server ended the handshake with an alert that has no reason of its own here";
    case Reason::certificate_required: return "The server requires a client certificate and got none";
    case Reason::unknown_ca: return "The server does not know the CA of our certificate";
    case Reason::certificate_expired: return "The server says our certificate has expired or is not valid yet";
    case Reason::certificate_revoked: return "The server says our certificate has been revoked";
    case Reason::bad_certificate: return "The server refused our certificate without saying why";
    case Reason::unsupported_certificate: return "The server does not support our certificate's type or purpose";
    case Reason::access_denied: return "The server read our certificate and denies it access";
    case Reason::closed_after_certificate:
      return "The server closed or reset the connection after our certificate, without an alert";
    case Reason::refused_by_application: return "TLS let us in and the application refused our certificate";
    case Reason::no_suitable_signature: return "Our key can make none of the signatures the server accepts";
    case Reason::identity_unusable: return "Our identity's certificate or key could not be used; the server was asked without it";
    case Reason::http_status: return "The HTTP status is not one of those accepted";
    case Reason::application_timeout: return "The application did not answer before the deadline";
    case Reason::application_protocol: return "The application's answer could not be understood";
    case Reason::internal: return "The exporter itself could not go on: this says nothing of the server";
  }
  return "";
}

std::string alert_word(std::uint8_t alert) {
  // IANA "TLS Alerts" registry.
  static constexpr std::array names = {
      std::pair{0, "close_notify"},
      std::pair{10, "unexpected_message"},
      std::pair{20, "bad_record_mac"},
      std::pair{21, "decryption_failed"},
      std::pair{22, "record_overflow"},
      std::pair{30, "decompression_failure"},
      std::pair{40, "handshake_failure"},
      std::pair{41, "no_certificate"},
      std::pair{42, "bad_certificate"},
      std::pair{43, "unsupported_certificate"},
      std::pair{44, "certificate_revoked"},
      std::pair{45, "certificate_expired"},
      std::pair{46, "certificate_unknown"},
      std::pair{47, "illegal_parameter"},
      std::pair{48, "unknown_ca"},
      std::pair{49, "access_denied"},
      std::pair{50, "decode_error"},
      std::pair{51, "decrypt_error"},
      std::pair{52, "too_many_cids_requested"},
      std::pair{60, "export_restriction"},
      std::pair{70, "protocol_version"},
      std::pair{71, "insufficient_security"},
      std::pair{80, "internal_error"},
      std::pair{86, "inappropriate_fallback"},
      std::pair{90, "user_canceled"},
      std::pair{100, "no_renegotiation"},
      std::pair{109, "missing_extension"},
      std::pair{110, "unsupported_extension"},
      std::pair{111, "certificate_unobtainable"},
      std::pair{112, "unrecognized_name"},
      std::pair{113, "bad_certificate_status_response"},
      std::pair{114, "bad_certificate_hash_value"},
      std::pair{115, "unknown_psk_identity"},
      std::pair{116, "certificate_required"},
      std::pair{117, "general_error"},
      std::pair{120, "no_application_protocol"},
      std::pair{121, "ech_required"},
  };
  for (const auto& [number, name] : names)
    if (number == alert) return name;
  return "alert_" + std::to_string(alert);
}

}  // namespace probes::observations
