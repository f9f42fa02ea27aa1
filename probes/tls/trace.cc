#include "probes/tls/trace.h"

namespace probes::tls {

namespace {

using Bytes = std::span<const unsigned char>;

constexpr std::size_t header_bytes = 4;  // of a handshake message: its type and a length of 24 bits

// RFC 8879 8.1. OpenSSL names it from 3.2 on, and sends it where the server's request allows.
constexpr unsigned char compressed_certificate = 25;

std::size_t length24(Bytes bytes, std::size_t at) {
  if (bytes.size() < at + 3) return 0;
  return (static_cast<std::size_t>(bytes[at]) << 16) | (static_cast<std::size_t>(bytes[at + 1]) << 8) | bytes[at + 2];
}

// RFC 8446 4.4.2: certificate_request_context<0..2^8-1>, then certificate_list<0..2^24-1>. RFC 5246 7.4.2: the list alone.
bool certificate_list_empty(Bytes message, bool tls13) {
  if (message.size() <= header_bytes) return true;
  return length24(message, tls13 ? header_bytes + 1 + message[header_bytes] : header_bytes) == 0;
}

// RFC 8879 4: algorithm (2 bytes), uncompressed_length (3), compressed_certificate_message. What is compressed is the body of a
// Certificate message, whose context echoes the request's (RFC 8446 4.4.2): one with an empty list has the two lengths and that.
bool compressed_list_empty(Bytes message, std::size_t request_context) {
  constexpr std::size_t algorithm = 2;
  return length24(message, header_bytes + algorithm) <= 1 + request_context + 3;
}

void note_sent(Trace& trace, Bytes message, bool tls13) {
  if (message[0] == SSL3_MT_CERTIFICATE) trace.certificate_sent = !certificate_list_empty(message, tls13);
  else if (message[0] == compressed_certificate) trace.certificate_sent = !compressed_list_empty(message, trace.request_context);
  else return;
  trace.certificate_answered = true;
  trace.finished_after_certificate = false;
  trace.tickets_after_certificate = 0;
}

void note_received(Trace& trace, Bytes message, bool tls13) {
  ++trace.messages;
  trace.reading_request = message[0] == SSL3_MT_CERTIFICATE_REQUEST;
  switch (message[0]) {
    case SSL3_MT_SERVER_HELLO:
      trace.server_hello = true;
      ++trace.handshakes;
      break;
    case SSL3_MT_CERTIFICATE_REQUEST:
      trace.certificate_requested = true;
      trace.requested_late = trace.requested_late || trace.complete;
      trace.request_context = tls13 && message.size() > header_bytes ? message[header_bytes] : 0;
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

void note_alert(Trace& trace, Bytes alert, bool tls13) {
  if (alert.size() < 2) return;
  // RFC 8446 6: every alert but close_notify and user_canceled is fatal, whatever its level says; before TLS 1.3 the level
  // counts.
  if (alert[1] == SSL_AD_CLOSE_NOTIFY) trace.close_notify = true;
  else if (alert[0] == SSL3_AL_FATAL || (tls13 && alert[1] != SSL_AD_USER_CANCELLED)) trace.fatal_alert = alert[1];
}

void note_header(Trace& trace, Bytes header) {
  if (trace.received || header.empty()) return;
  trace.received = true;
  const bool known_type = header[0] >= SSL3_RT_CHANGE_CIPHER_SPEC && header[0] <= SSL3_RT_APPLICATION_DATA;
  trace.speaks_tls = known_type && header.size() > 1 && header[1] == SSL3_VERSION_MAJOR;
  if (!trace.speaks_tls) trace.greeting = greeting_of(header);
}

// RFC 5246 7.4.3: ServerDHParams begin with dh_p<1..2^16-1>.
bool exchange_too_large(Bytes message, const SSL* ssl) {
  const SSL_CIPHER* cipher = SSL_get_pending_cipher(ssl);
  if (message[0] != SSL3_MT_SERVER_KEY_EXCHANGE || message.size() < header_bytes + 2 || cipher == nullptr) return false;
  const int prime_bytes = message[header_bytes] << 8 | message[header_bytes + 1];
  return SSL_CIPHER_get_kx_nid(cipher) == NID_kx_dhe && prime_bytes > exchange_bits_limit / 8 + 1;
}

// OpenSSL checks the server's public key, for a tenth of a second, before it asks whether it may use the group, and shows the
// message before it reads it. There is no other way to refuse one: a length that is beyond its end.
void refuse(const void* message) {
  auto* bytes = static_cast<unsigned char*>(const_cast<void*>(message));
  bytes[header_bytes] = bytes[header_bytes + 1] = 0xff;
}

void note_for_openssl(int sent, int, int content_type, const void* data, std::size_t size, SSL* ssl, void* argument) {
  note(*static_cast<Trace*>(argument), {.sent = sent != 0,
                                        .content_type = content_type,
                                        .bytes = {static_cast<const unsigned char*>(data), size},
                                        .version = SSL_version(ssl)});
  if (sent == 0 && content_type == SSL3_RT_HANDSHAKE && size > 0 &&
      exchange_too_large({static_cast<const unsigned char*>(data), size}, ssl)) {
    static_cast<Trace*>(argument)->exchange_too_large = true;
    refuse(data);
  }
  // Stops OpenSSL amid what it has already read: a buffer holds hundreds of KeyUpdates.
  if (static_cast<Trace*>(argument)->too_many_messages()) SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

}  // namespace

void note(Trace& trace, const Message& message) {
  if (message.content_type == SSL3_RT_HANDSHAKE && !message.bytes.empty()) {
    const bool tls13 = message.version == TLS1_3_VERSION;
    if (message.sent) note_sent(trace, message.bytes, tls13);
    else note_received(trace, message.bytes, tls13);
  } else if (message.content_type == SSL3_RT_ALERT && !message.sent) {
    note_alert(trace, message.bytes, message.version == TLS1_3_VERSION);
  } else if (message.content_type == SSL3_RT_HEADER && !message.sent) {
    note_header(trace, message.bytes);
  }
}

void attach(Trace& trace, SSL* ssl) {
  SSL_set_msg_callback(ssl, note_for_openssl);
  SSL_set_msg_callback_arg(ssl, &trace);
}

}  // namespace probes::tls
