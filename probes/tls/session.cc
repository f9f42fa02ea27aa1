#include "probes/tls/session.h"

#include <openssl/err.h>

#include <asio/ip/address.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "probes/run_on.h"
#include "probes/tls/group_name.h"
#include "probes/tls/made.h"
#include "probes/tls/slim_library.h"
#include "probes/tls/wire_bio.h"

namespace probes::tls {

namespace {

// One certificate message may be this long: 10,000 names fit (300 KB).
constexpr long certificate_message_limit = 1 << 20;

// OpenSSL's own suites of TLS 1.3, that with the cheapest digest first: most servers take the client's first.
constexpr const char* suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

// OpenSSL 3.2 and later compress certificates where both ends can (RFC 8879). We neither send nor take any: every OpenSSL then
// says the same on the wire, nothing of a stranger's is unpacked, and a server that stumbles over it is not called broken. A
// build with older headers may run with a newer library, and an older library does not mind bits that it does not know.
#ifdef SSL_OP_NO_TX_CERTIFICATE_COMPRESSION
constexpr std::uint64_t no_compression = SSL_OP_NO_TX_CERTIFICATE_COMPRESSION | SSL_OP_NO_RX_CERTIFICATE_COMPRESSION;
#else
constexpr std::uint64_t no_compression = SSL_OP_BIT(32) | SSL_OP_BIT(33);
#endif

net::End end_of(int error, int system_error, int reason) {
  if (error == SSL_ERROR_ZERO_RETURN) return net::End::closed;
  if (error == SSL_ERROR_SSL && reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return net::End::closed;
  if (error != SSL_ERROR_SYSCALL) return net::End::failed;
  if (system_error == 0) return net::End::closed;
  return system_error == ECONNRESET || system_error == EPIPE || system_error == ECONNABORTED ? net::End::reset : net::End::failed;
}

}  // namespace

struct Session::Attempt {
  int result = 0;
  int error = SSL_ERROR_NONE;  // SSL_get_error()
  Stop stop;
};

Session::Session(net::Socket& socket, SSL_CTX* context, const std::string& server_name, const asio::any_io_executor* signer,
                 const asio::any_io_executor* worker, std::size_t bytes_limit, net::Wire* wire)
    : socket_(socket),
      wire_(wire),
      signer_(signer),
      worker_(worker),
      bytes_limit_(bytes_limit),
      turn_(std::chrono::steady_clock::now()),
      ssl_(made(SSL_new(context))) {
  SSL_set_app_data(ssl_.get(), this);
  if (wire_ == nullptr) {
    SSL_set_fd(ssl_.get(), socket.descriptor());
  } else if (BIO* bio = wire_bio(*wire_)) {
    SSL_set_bio(ssl_.get(), bio, bio);
  } else {
    throw std::bad_alloc();
  }
  BIO_set_callback_ex(SSL_get_rbio(ssl_.get()), &Session::watch_bytes);
  BIO_set_callback_arg(SSL_get_rbio(ssl_.get()), reinterpret_cast<char*>(this));
  attach(trace_, ssl_.get());
  asio::error_code not_an_address;
  asio::ip::make_address(server_name, not_an_address);
  // RFC 6066 3: literal IP addresses are not permitted in HostName.
  if (!server_name.empty() && not_an_address) SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str());
}

Session::~Session() = default;

bool Session::light() const { return received_bytes_ <= light_handshake_bytes || SSL_in_init(ssl_.get()) == 0; }

bool Session::turn_over() const { return std::chrono::steady_clock::now() - turn_ > turn_limit; }

// A thread is for others, too: does this call have to end? Elsewhere nobody looks at the deadline meanwhile.
bool Session::pauses() const {
  if (elsewhere_) return std::chrono::steady_clock::now() - turn_ > turn_limit_elsewhere || socket_.over();
  return turn_over() || (worker_ != nullptr && !light());
}

// Reading stops for good at the cap, even inside one call to OpenSSL, which would otherwise follow an endless stream of
// tickets, KeyUpdates or renegotiations for as long as it lasts; and for now when the turn is over.
long Session::watch_bytes(BIO* bio, int operation, const char*, std::size_t, int, long, int result, std::size_t* processed) {
  auto* self = reinterpret_cast<Session*>(BIO_get_callback_arg(bio));
  if (operation == BIO_CB_READ) {
    self->flooded_ = self->received_bytes_ >= self->bytes_limit_ || self->trace_.handshakes > handshakes_limit;
    if (self->flooded_) {
      BIO_clear_retry_flags(bio);
      return 0;
    }
    self->paused_ = self->pauses();
    if (self->paused_) {
      BIO_set_retry_read(bio);
      return -1;
    }
  } else if (operation == (BIO_CB_READ | BIO_CB_RETURN) && result > 0 && processed != nullptr) {
    if (self->received_bytes_ == 0) self->trace_.first_answer = self->socket_.now();
    self->received_bytes_ += *processed;
  } else if (operation == BIO_CB_WRITE && self->trace_.hello_sent == net::Moment{}) {
    self->trace_.hello_sent = self->socket_.now();
  }
  return result;
}

// Before OpenSSL looks at the leaf's key it asks whether the chain is trusted. By then each certificate has been exchanged, in
// the session's own list, for the known one, whose key can be read.
int Session::keep_certificates(X509_STORE_CTX* context, void*) {
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* self = static_cast<Session*>(SSL_get_app_data(ssl));
  try {
    self->keep(X509_STORE_CTX_get0_untrusted(context));
  } catch (const std::exception&) {  // out of memory; nothing may be thrown through OpenSSL, which does not mind a 0 here
    self->certificates_.clear();     // so that nothing is judged on half a chain
  }
  X509_STORE_CTX_set_cert(context, sk_X509_value(X509_STORE_CTX_get0_untrusted(context), 0));
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

// OpenSSL asks whether it may, with its own rules of the security level; ours comes on top.
int Session::allows(const SSL* ssl, const SSL_CTX* context, int operation, int bits, int nid, void* other, void* ex) {
  if (operation == SSL_SECOP_CURVE_SUPPORTED) {
    // RFC 7919: ffdhe6144 is 0x0103, ffdhe8192 0x0104.
    const auto* group = static_cast<const unsigned char*>(other);
    if (group != nullptr && group[0] == 1 && (group[1] == 3 || group[1] == 4)) return 0;
  }
  static const auto openssl = [] {
    const Ptr<SSL_CTX> untouched(SSL_CTX_new_ex(handshake_library(), nullptr, TLS_client_method()));
    return untouched ? SSL_CTX_get_security_callback(untouched.get()) : nullptr;
  }();
  if (openssl == nullptr) return 0;
  return openssl(ssl, context, operation, bits, nid, other, ex);
}

void Session::keep(STACK_OF(X509) * received) {
  certificates_.clear();
  for (int i = 0; i < sk_X509_num(received); ++i) {
    certificates_.push_back(known_certificate(sk_X509_value(received, i)));
    const Ptr<X509> sent(sk_X509_value(received, i));  // the list's, from here on ours
    sk_X509_set(received, i, share(certificates_.back()->certificate.get()).release());
  }
}

Ptr<SSL_CTX> bare_context() {
  Ptr<SSL_CTX> context(SSL_CTX_new_ex(handshake_library(), nullptr, TLS_client_method()));
  if (!context) return context;
  SSL_CTX_set_ciphersuites(context.get(), suites);
  SSL_CTX_set_cert_verify_callback(context.get(), &Session::keep_certificates, nullptr);
  SSL_CTX_set_security_callback(context.get(), &Session::allows);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // resumption would skip client authentication
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_ENABLE_PARTIAL_WRITE);
  SSL_CTX_set_options(context.get(), SSL_OP_LEGACY_SERVER_CONNECT);  // an old server is to be seen, not avoided
  SSL_CTX_set_options(context.get(), no_compression);
  SSL_CTX_set_max_cert_list(context.get(), certificate_message_limit);
  SSL_CTX_set_post_handshake_auth(context.get(), 1);
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

Session::Attempt Session::attempt(Operation operation, std::span<char> buffer) {
  ERR_clear_error();
  errno = 0;
  Attempt attempt;
  const int size = static_cast<int>(buffer.size());
  switch (operation) {
    case Operation::connect: attempt.result = SSL_connect(ssl_.get()); break;
    case Operation::peek: attempt.result = SSL_peek(ssl_.get(), buffer.data(), size); break;
    case Operation::read: attempt.result = SSL_read(ssl_.get(), buffer.data(), size); break;
    case Operation::write: attempt.result = SSL_write(ssl_.get(), buffer.data(), size); break;
  }
  const int system_error = errno;
  if (attempt.result > 0) return attempt;
  attempt.error = SSL_get_error(ssl_.get(), attempt.result);
  attempt.stop.too_many_messages = trace_.too_many_messages();
  // What was shut down amid a buffer still looks as if it wanted to read.
  if (attempt.stop.too_many_messages) attempt.error = SSL_ERROR_SYSCALL;
  if (attempt.error == SSL_ERROR_WANT_READ || attempt.error == SSL_ERROR_WANT_WRITE) return attempt;
  // The queue is per thread: it is read here, before anything can suspend.
  while (const unsigned long code = ERR_get_error()) {
    const int library = ERR_GET_LIB(code);
    attempt.stop.in_certificate |= library == ERR_LIB_ASN1 || library == ERR_LIB_X509;
    if (attempt.stop.library == 0) attempt.stop.library = library, attempt.stop.reason = ERR_GET_REASON(code);
    if (library == ERR_LIB_SSL) attempt.stop.library = library, attempt.stop.reason = ERR_GET_REASON(code);
    if (const char* words = ERR_reason_error_string(code)) attempt.stop.detail = words;
  }
  attempt.stop.exchange_too_large = trace_.exchange_too_large;
  flooded_ |= attempt.stop.too_many_messages;
  attempt.stop.end = flooded_ ? net::End::flooded : end_of(attempt.error, system_error, attempt.stop.reason);
  if (attempt.stop.detail.empty() && system_error != 0) attempt.stop.detail = std::strerror(system_error);
  return attempt;
}

asio::awaitable<Session::Attempt> Session::attempt_on(asio::any_io_executor other, Operation operation, std::span<char> buffer) {
  elsewhere_ = true;
  const auto call = [this, operation, buffer] {
    turn_ = std::chrono::steady_clock::now();
    return attempt(operation, buffer);
  };
  Attempt result = co_await run_on(other, call);
  elsewhere_ = false;
  turn_ = std::chrono::steady_clock::now();
  co_return result;
}

const asio::any_io_executor* Session::other_thread(Operation operation) const {
  if (signer_ != nullptr && operation != Operation::write) return signer_;
  return light() ? nullptr : worker_;
}

asio::awaitable<net::Transfer> Session::perform(Operation operation, std::span<char> buffer, net::Moment until,
                                                bool stop_at_news) {
  const std::uint32_t news = trace_.news;
  for (;;) {
    // Two statements: g++ 12 destroys what a conditional expression with co_await in it yields twice.
    if (turn_over()) {
      co_await asio::post(asio::use_awaitable);
      turn_ = std::chrono::steady_clock::now();
      if (socket_.over(until)) co_return late();
    }
    Attempt attempt;
    if (const auto* other = other_thread(operation)) attempt = co_await attempt_on(*other, operation, buffer);
    else attempt = this->attempt(operation, buffer);
    if (attempt.result > 0) co_return net::Transfer{net::End::ok, static_cast<std::size_t>(attempt.result)};
    net::Ready ready = net::Ready::yes;
    switch (attempt.error) {
      case SSL_ERROR_WANT_READ:
        if (std::exchange(paused_, false)) {
          if (socket_.over(until)) co_return late();
          continue;
        }
        if (stop_at_news && trace_.news != news) co_return net::Transfer{};
        ready = co_await socket_.readable(until);
        break;
      case SSL_ERROR_WANT_WRITE: ready = co_await socket_.writable(until); break;
      default: stop_ = std::move(attempt.stop); co_return net::Transfer{stop_.end, 0};
    }
    if (ready != net::Ready::yes) co_return late();
    turn_ = std::chrono::steady_clock::now();
  }
}

net::Transfer Session::late() {
  stop_ = Stop{.end = net::End::too_late, .detail = "no answer in time"};
  return net::Transfer{net::End::too_late, 0};
}

asio::awaitable<net::End> Session::handshake() {
  const net::Transfer transfer = co_await perform(Operation::connect, {}, net::Moment::max(), false);
  trace_.complete = transfer.end == net::End::ok;
  if (trace_.complete && wire_ != nullptr) wire_->handshake_complete();
  co_return transfer.end;
}

asio::awaitable<net::End> Session::listen(net::Moment until) {
  char first = 0;
  const net::Transfer transfer = co_await perform(Operation::peek, {&first, 1}, until, true);
  co_return transfer.end;
}

asio::awaitable<net::Transfer> Session::read_some(std::span<char> into) {
  co_return co_await perform(Operation::read, into, net::Moment::max(), false);
}

asio::awaitable<net::Transfer> Session::write_all(std::string_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    // OpenSSL's buffers are not const; it does not write into them.
    const std::span<char> rest(const_cast<char*>(bytes.data()) + written, bytes.size() - written);
    const net::Transfer transfer = co_await perform(Operation::write, rest, net::Moment::max(), false);
    if (transfer.end != net::End::ok) co_return transfer;
    written += transfer.bytes;
  }
  co_return net::Transfer{net::End::ok, written};
}

void Session::close_politely() {
  socket_.hold_last_words();
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  socket_.end_writing();
}

std::string_view Session::staple() const {
  unsigned char* bytes = nullptr;
  const long size = SSL_get_tlsext_status_ocsp_resp(ssl_.get(), &bytes);
  if (bytes == nullptr || size <= 0) return {};
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

observations::Negotiated Session::negotiated() const {
  observations::Negotiated negotiated{
      .version = SSL_get_version(ssl_.get()), .cipher = SSL_get_cipher_name(ssl_.get()), .group = {}, .alpn = {}};
  // Before a hello was sent there is no session, which OpenSSL 3.0 does not ask itself.
  const long group = SSL_get_session(ssl_.get()) != nullptr ? SSL_get_negotiated_group(ssl_.get()) : 0;
  if (group > 0)
    if (const char* name = SSL_group_to_name(ssl_.get(), static_cast<int>(group))) negotiated.group = group_name(name);
  const unsigned char* protocol = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &length);
  if (length > 0) negotiated.alpn.assign(reinterpret_cast<const char*>(protocol), length);
  return negotiated;
}

}  // namespace probes::tls
