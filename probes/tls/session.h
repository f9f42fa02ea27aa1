// One TLS session of ours on one socket: the handshake, reading, writing, and listening for what a server says after the
// handshake. OpenSSL sits directly on the socket (or on a wire that wraps the handshake). It verifies nothing here: the
// certificates are kept as they came and judged by probes/chain, so that a bad chain costs neither the handshake nor the facts.
// Used on one probe's thread only; only the signing with a key in a token happens on another.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <asio/awaitable.hpp>

#include "probes/net/socket.h"
#include "probes/net/stream.h"
#include "probes/net/wire.h"
#include "probes/observations/handshake.h"
#include "probes/tls/handles.h"
#include "probes/tls/known_certificate.h"
#include "probes/tls/trace.h"

namespace probes::tls {

// At most this much is read from one connection: a chain of the largest size allowed and an answer fit, a flood does not.
inline constexpr std::size_t received_bytes_limit = 4u << 20;
// One call into OpenSSL, and what a probe does between two waits, takes this long of its thread; then the others have their turn.
inline constexpr std::chrono::milliseconds turn_limit{2};
// The same where a handshake goes on when it is not light: others wait for that thread with deadlines of their own.
inline constexpr std::chrono::milliseconds turn_limit_elsewhere{10};
// Handshakes in which the server sends more than this go on on another thread: reading thousands of certificates or names of
// authorities takes long and cannot be interrupted.
inline constexpr std::size_t light_handshake_bytes = 24u << 10;
// At most this many ServerHellos: the first, its retry, and one renegotiation that asks for a certificate.
inline constexpr int handshakes_limit = 4;

// Where and how OpenSSL stopped; for explain() (failure.h).
struct Stop {
  net::End end = net::End::ok;
  int library = 0;                  // ERR_LIB_*, 0: none
  int reason = 0;                   // SSL_R_* when library is ERR_LIB_SSL
  bool too_many_messages = false;   // ... of the handshake came, and end is flooded
  bool exchange_too_large = false;  // the server chose a group above exchange_bits_limit
  bool in_certificate = false;      // an ASN.1 or X.509 error stands in the queue: the peer's certificate cannot be read
  std::string detail;               // OpenSSL's words
};

class Session : public net::Stream {
 public:
  // `socket` is connected and outlives the session. `server_name`: SNI; empty or an IP literal sends none. `signer`: where the
  // handshake runs when signing may block; null: here. `worker`: where it goes on when it is not light; null: here.
  // `bytes_limit`: at most this much is read. `wire`: what carries the records, on the same socket; null: the socket does.
  Session(net::Socket& socket, SSL_CTX* context, const std::string& server_name, const asio::any_io_executor* signer,
          const asio::any_io_executor* worker = nullptr, std::size_t bytes_limit = received_bytes_limit,
          net::Wire* wire = nullptr);
  ~Session() override;

  // Our side of the handshake.
  asio::awaitable<net::End> handshake();

  // Reads without consuming until application bytes are there (ok), something of note arrived in TLS (ok too: trace().news has
  // grown), the connection ended, or `until`.
  asio::awaitable<net::End> listen(net::Moment until);

  asio::awaitable<net::Transfer> read_some(std::span<char> into) override;
  asio::awaitable<net::Transfer> write_all(std::string_view bytes) override;

  // Says goodbye without waiting for the answer.
  void close_politely();

  const Trace& trace() const { return trace_; }
  const Stop& stop() const { return stop_; }  // of the last call that did not end in ok
  bool application_bytes_waiting() const { return SSL_pending(ssl_.get()) > 0; }
  const std::vector<KnownCertificatePtr>& received_certificates() const { return certificates_; }  // as sent, leaf first
  observations::Negotiated negotiated() const;
  std::string_view staple() const;         // the OCSP answer that came with the certificates, in DER; empty: none; borrowed
  SSL* ssl() const { return ssl_.get(); }  // borrowed
  bool flooded() const { return flooded_; }

 private:
  enum class Operation : std::uint8_t { connect, peek, read, write };
  struct Attempt;
  Attempt attempt(Operation operation, std::span<char> buffer);
  asio::awaitable<Attempt> attempt_on(asio::any_io_executor other, Operation operation, std::span<char> buffer);
  const asio::any_io_executor* other_thread(Operation operation) const;
  bool turn_over() const;
  bool pauses() const;
  net::Transfer late();
  bool light() const;
  asio::awaitable<net::Transfer> perform(Operation operation, std::span<char> buffer, net::Moment until, bool stop_at_news);
  static int keep_certificates(X509_STORE_CTX* context, void*);
  void keep(STACK_OF(X509) * received);
  static long watch_bytes(BIO* bio, int operation, const char* argument, std::size_t size, int, long, int result,
                          std::size_t* processed);
  static int allows(const SSL* ssl, const SSL_CTX* context, int operation, int bits, int nid, void* other, void* ex);
  friend Ptr<SSL_CTX> bare_context();

  net::Socket& socket_;
  net::Wire* wire_;
  const asio::any_io_executor* signer_;
  const asio::any_io_executor* worker_;
  Trace trace_;
  Stop stop_;
  std::vector<KnownCertificatePtr> certificates_;
  const std::size_t bytes_limit_;
  std::size_t received_bytes_ = 0;
  bool flooded_ = false;
  bool elsewhere_ = false;                 // the call into OpenSSL under way is on another thread
  bool paused_ = false;                    // ... ended because its turn was over, and there may be more to read
  net::Moment turn_ = net::Moment::max();  // when the turn began
  Ptr<SSL> ssl_;
};

// A client context that keeps certificates instead of verifying them: the base of every context (context.h).
[[nodiscard]] Ptr<SSL_CTX> bare_context();

}  // namespace probes::tls
