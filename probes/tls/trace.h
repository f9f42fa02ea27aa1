// What the TLS messages of one connection told, noted as OpenSSL meets them: who asked for a certificate, what we answered, and
// what came after that answer. Only what follows our last Certificate message can be a judgement on it. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <openssl/ssl.h>

#include "probes/net/socket.h"
#include "probes/tls/greeting.h"

namespace probes::tls {

// Of so many handshake messages of one connection no more is read: nobody has a reason for more than a few tickets and
// KeyUpdates, and each of them costs us a key schedule.
inline constexpr int messages_limit = 256;

// Diffie-Hellman groups above this many bits are refused: one exchange takes a tenth of a second, and cannot be interrupted.
inline constexpr int exchange_bits_limit = 4096;

struct Trace {
  bool received = false;               // any byte of a record header
  bool speaks_tls = false;             // the first record header was one of TLS
  Greeting greeting = Greeting::none;  // ... and what it was if not
  bool server_hello = false;
  bool complete = false;                    // the first handshake is complete on our side
  bool certificate_requested = false;       // a CertificateRequest came
  bool requested_late = false;              // ... after the first handshake
  std::size_t request_context = 0;          // TLS 1.3: bytes of the last request's certificate_request_context
  bool certificate_answered = false;        // our Certificate message, compressed or not, answered the last request
  bool certificate_sent = false;            // ... and was not empty
  bool finished_after_certificate = false;  // TLS 1.2: the server's Finished, which it sends only once content
  int tickets_after_certificate = 0;        // TLS 1.3: NewSessionTickets since our last Certificate message
  bool reading_request = false;             // the last message was a CertificateRequest
  bool exchange_too_large = false;          // the server chose a group above exchange_bits_limit
  int messages = 0;                         // handshake messages received
  int handshakes = 0;                       // ServerHellos, HelloRetryRequests included: renegotiation is bounded by it
  std::optional<std::uint8_t> fatal_alert;  // the peer's
  bool close_notify = false;
  net::Moment hello_sent{};    // the first byte that left, by net::Socket::now()
  net::Moment first_answer{};  // the first that came
  std::uint32_t news = 0;      // grows with every message that may matter to a listener

  bool too_many_messages() const { return messages > messages_limit; }
  // The server has accepted our answer as far as TLS can say: it goes on after our last Certificate message.
  bool tls_accepted() const { return certificate_answered && (finished_after_certificate || tickets_after_certificate > 0); }
  // The whole way there and back as this handshake saw it, the server's thinking included. Zero: no answer yet.
  std::chrono::nanoseconds round_trip() const {
    return first_answer > hello_sent ? first_answer - hello_sent : std::chrono::nanoseconds{};
  }
};

// One message as OpenSSL hands it over: of the content type SSL3_RT_HANDSHAKE whole, with its four bytes of type and length.
struct Message {
  bool sent = false;  // by us
  int content_type = 0;
  std::span<const unsigned char> bytes;
  int version = 0;  // TLS1_3_VERSION, ...
};
void note(Trace& trace, const Message& message);

// Makes `ssl` note its messages in `trace`, which must outlive it.
void attach(Trace& trace, SSL* ssl);

}  // namespace probes::tls
