#include "tests/support/tls_peer_session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace tests::support {

namespace {

std::string subject(X509* certificate) {
  const probes::tls::Ptr<BIO> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

int verify_mode(ClientCertificate wanted) {
  if (wanted == ClientCertificate::none) return SSL_VERIFY_NONE;
  return SSL_VERIFY_PEER | (wanted == ClientCertificate::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
}

bool client_is_gone(int socket) {
  pollfd state{socket, 0, 0};
  return poll(&state, 1, 0) != 0;  // POLLHUP and POLLERR need no asking
}

int unread(int socket) {
  int bytes = 0;
  ioctl(socket, FIONREAD, &bytes);
  return bytes;
}

}  // namespace

Session::Session(int socket, SSL_CTX* context, const TlsPeerOptions& options, Note note)
    : socket_(socket),
      options_(options),
      note_(std::move(note)),
      ssl_(SSL_new(context)),
      required_(options.client == ClientCertificate::required) {
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_fd(ssl_.get(), socket_);
  SSL_set_verify(ssl_.get(), verify_mode(options.client), nullptr);
}

Session& Session::of(const SSL* ssl) { return *static_cast<Session*>(SSL_get_app_data(ssl)); }

void Session::run() {
  if (perform(options_.before_handshake) && accept() && perform(options_.after_handshake)) perform(act::Silence{});
  ERR_clear_error();
}

bool Session::perform(const std::vector<Act>& script) {
  for (const Act& next : script)
    if (!std::visit([this](const auto& step) { return perform(step); }, next)) return false;
  return true;
}

bool Session::accept() {
  secured_ = SSL_accept(ssl_.get()) == 1;
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  note_([&](SeenConnection& seen) {
    seen.handshake_completed = secured_;
    seen.version = SSL_get_version(ssl_.get());
    seen.server_name = name ? name : "";
    seen.alpn.assign(reinterpret_cast<const char*>(protocol), size);
  });
  const std::string chosen(reinterpret_cast<const char*>(protocol), size);
  if (secured_ && !options_.only_alpn.empty() && chosen != options_.only_alpn) return perform(act::Close{});
  return secured_ || perform(act::Close{});
}

// OpenSSL will fail the handshake after this; its own alert must not follow ours.
void Session::refuse() {
  const int before = unread(socket_);
  std::this_thread::sleep_for(options_.refusal_pause);
  note_([&](SeenConnection& seen) { seen.sent_while_refusing = unread(socket_) - before; });
  if (const auto* alert = std::get_if<act::Alert>(&options_.refusal)) write_raw(write_state_.alert(alert->number));
  if (std::holds_alternative<act::Reset>(options_.refusal)) perform(act::Reset{});
  if (!std::holds_alternative<act::Silence>(options_.refusal)) shutdown(socket_, SHUT_WR);
}

void Session::on_certificate_message(bool empty) {
  if (empty && required_) refuse();
}

void Session::on_compressed_certificate() {
  note_([](SeenConnection& seen) { seen.compressed = true; });
}

bool Session::judge(X509_STORE_CTX* chain) {
  note_([&](SeenConnection& seen) { seen.client_subject = subject(X509_STORE_CTX_get0_cert(chain)); });
  const bool trusted = !options_.client_anchor || X509_verify_cert(chain) == 1;
  if (!trusted) refuse();
  return trusted;
}

int Session::read(char* buffer, int size) {
  if (secured_) return SSL_read(ssl_.get(), buffer, size);
  return static_cast<int>(recv(socket_, buffer, static_cast<std::size_t>(size), 0));
}

bool Session::read_some(std::string& all) {
  std::array<char, 4096> buffer;
  const int size = read(buffer.data(), buffer.size());
  if (size <= 0) return false;
  all.append(buffer.data(), static_cast<std::size_t>(size));
  note_([&](SeenConnection& seen) {
    (secured_ ? seen.application : seen.raw).append(buffer.data(), static_cast<std::size_t>(size));
  });
  return true;
}

bool Session::write_raw(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Session::write(std::string_view bytes) {
  if (!secured_) return write_raw(bytes);
  return bytes.empty() || SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
}

// Before the handshake a ClientHello must stay where OpenSSL will find it.
bool Session::perform(const act::AwaitBytes&) {
  char first = 0;
  return secured_ ? SSL_peek(ssl_.get(), &first, 1) == 1 : recv(socket_, &first, 1, MSG_PEEK) == 1;
}

bool Session::perform(const act::AwaitLine&) {
  char byte = 0;
  while (byte != '\n')
    if (recv(socket_, &byte, 1, 0) != 1) return false;
  return true;
}

bool Session::perform(const act::AwaitRequest&) {
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos)
    if (!read_some(request)) return false;
  return true;
}

bool Session::perform(const act::Send& send) { return write(send.bytes); }

bool Session::perform(const act::Trickle& trickle) {
  for (const char& byte : trickle.bytes) {
    if (!write({&byte, 1})) return false;
    std::this_thread::sleep_for(trickle.pace);
  }
  return true;
}

bool Session::perform(const act::Pause& pause) {
  std::this_thread::sleep_for(pause.time);
  return true;
}

// What the client has sent is read first: closing over unread bytes would be a reset.
bool Session::perform(const act::Close&) {
  shutdown(socket_, SHUT_WR);
  std::array<char, 4096> ignored;
  while (recv(socket_, ignored.data(), ignored.size(), 0) > 0) {
  }
  return false;
}

bool Session::perform(const act::CloseNotify&) {
  SSL_shutdown(ssl_.get());
  return perform(act::Close{});
}

// Dissolving the association sends the RST at once: nothing that OpenSSL may still want to say can come before it.
bool Session::perform(const act::Reset&) {
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  const sockaddr nobody{AF_UNSPEC, {}};
  connect(socket_, &nobody, sizeof nobody);
  return false;
}

bool Session::perform(const act::Alert& alert) {
  write_raw(write_state_.alert(alert.number));
  return perform(act::Close{});
}

bool Session::perform(const act::Silence&) {
  std::string ignored;
  while (read_some(ignored)) ignored.clear();
  return false;
}

// OpenSSL forgives a client that goes before it has read its tickets.
bool Session::perform(const act::FloodTickets&) {
  while (!client_is_gone(socket_) && SSL_new_session_ticket(ssl_.get()) == 1 && SSL_do_handshake(ssl_.get()) == 1) {
  }
  return false;
}

bool Session::perform(const act::FloodKeyUpdates&) {
  while (!client_is_gone(socket_) && SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1 &&
         SSL_do_handshake(ssl_.get()) == 1) {
  }
  return false;
}

bool Session::perform(const act::FloodData&) {
  const std::string block(16 * 1024, 'x');
  while (write(block)) {
  }
  return false;
}

// Reads the client's answer to a late request. Without SSL_MODE_AUTO_RETRY a read comes back after each handshake message.
bool Session::await_finished() {
  const int before = finished_;
  SSL_clear_mode(ssl_.get(), SSL_MODE_AUTO_RETRY);
  char ignored = 0;
  while (finished_ == before)
    if (const int size = SSL_peek(ssl_.get(), &ignored, 1); size <= 0 && SSL_get_error(ssl_.get(), size) != SSL_ERROR_WANT_READ)
      return false;
  SSL_set_mode(ssl_.get(), SSL_MODE_AUTO_RETRY);
  return true;
}

bool Session::perform(const act::Renegotiate&) {
  required_ = true;
  SSL_set_verify(ssl_.get(), verify_mode(ClientCertificate::required), nullptr);
  SSL_set_options(ssl_.get(), SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION);  // which would skip the certificate
  return SSL_renegotiate(ssl_.get()) == 1 && SSL_do_handshake(ssl_.get()) == 1 && await_finished();
}

bool Session::perform(const act::RequestLater&) {
  required_ = true;
  SSL_set_verify(ssl_.get(), verify_mode(ClientCertificate::required) | SSL_VERIFY_POST_HANDSHAKE, nullptr);
  return SSL_verify_client_post_handshake(ssl_.get()) == 1 && SSL_do_handshake(ssl_.get()) == 1 && await_finished();
}

}  // namespace tests::support
