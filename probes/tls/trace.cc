#include "probes/tls/trace.h"

#include <span>

namespace probes::tls {

namespace {

using Bytes = std::span<const unsigned char>;

std::size_t length24(Bytes bytes, std::size_t at) {
  if (bytes.size() < at + 3) return 0;
  return (static_cast<std::size_t>(bytes[at]) << 16) | (static_cast<std::size_t>(bytes[at + 1]) << 8) | bytes[at + 2];
}

// RFC 8446 4.4.2: certificate_request_context<0..2^8-1>, then certificate_list<0..2^24-1>. RFC 5246 7.4.2: the list alone.
bool certificate_list_empty(Bytes message, bool tls13) {
  constexpr std::size_t header = 4;
  if (message.size() <= header) return true;
  return length24(message, tls13 ? header + 1 + message[header] : header) == 0;
}

void note_sent(Trace& trace, Bytes message, const SSL* ssl) {
  if (message[0] != SSL3_MT_CERTIFICATE) return;
  trace.certificate_answered = true;
  trace.certificate_sent = !certificate_list_empty(message, SSL_version(ssl) == TLS1_3_VERSION);
  trace.finished_after_certificate = false;
  trace.tickets_after_certificate = 0;
}

void note_received(Trace& trace, Bytes message, SSL* ssl) {
  ++trace.messages;
  trace.reading_request = message[0] == SSL3_MT_CERTIFICATE_REQUEST;
  // Stops OpenSSL amid what it has already read: a buffer holds hundreds of KeyUpdates.
  if (trace.too_many_messages()) SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
  switch (message[0]) {
    case SSL3_MT_SERVER_HELLO:
      trace.server_hello = true;
      ++trace.handshakes;
      break;
    case SSL3_MT_CERTIFICATE_REQUEST:
      trace.certificate_requested = true;
      trace.requested_late = trace.requested_late || trace.complete;
      trace.certificate_answered = false;
      break;
    case SSL3_MT_FINISHED: trace.finished_after_certificate = trace.certificate_answered; break;
    case SSL3_MT_NEWSESSION_TICKET:
      if (trace.certificate_answered && trace.complete) ++trace.tickets_after_certificate;
      break;
    default: return;
  }
  ++trace.news;
}

void note_alert(Trace& trace, Bytes alert, const SSL* ssl) {
  if (alert.size() < 2) return;
  // RFC 8446 6: every alert but close_notify and user_canceled is fatal, whatever its level says; before TLS 1.3 the level
  // counts.
  if (alert[1] == SSL_AD_CLOSE_NOTIFY) trace.close_notify = true;
  else if (alert[0] == SSL3_AL_FATAL || (SSL_version(ssl) == TLS1_3_VERSION && alert[1] != SSL_AD_USER_CANCELLED))
    trace.fatal_alert = alert[1];
}

void note_header(Trace& trace, Bytes header) {
  if (trace.received || header.empty()) return;
  trace.received = true;
  const bool known_type = header[0] >= SSL3_RT_CHANGE_CIPHER_SPEC && header[0] <= SSL3_RT_APPLICATION_DATA;
  trace.speaks_tls = known_type && header.size() > 1 && header[1] == SSL3_VERSION_MAJOR;
}

void note(int sent, int, int content_type, const void* data, std::size_t size, SSL* ssl, void* argument) {
  Trace& trace = *static_cast<Trace*>(argument);
  const Bytes bytes(static_cast<const unsigned char*>(data), size);
  if (content_type == SSL3_RT_HANDSHAKE && !bytes.empty()) {
    if (sent) note_sent(trace, bytes, ssl);
    else note_received(trace, bytes, ssl);
  } else if (content_type == SSL3_RT_ALERT && !sent) {
    note_alert(trace, bytes, ssl);
  } else if (content_type == SSL3_RT_HEADER && !sent) {
    note_header(trace, bytes);
  }
}

}  // namespace

void attach(Trace& trace, SSL* ssl) {
  SSL_set_msg_callback(ssl, note);
  SSL_set_msg_callback_arg(ssl, &trace);
}

}  // namespace probes::tls
