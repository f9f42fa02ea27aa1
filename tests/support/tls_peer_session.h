// One connection of the TLS peer: performs the acts of the script on its own thread with blocking calls, which end when the
// peer shuts the socket down.
#pragma once

#include <atomic>
#include <functional>

#include "probes/tls/handles.h"
#include "tests/support/sealed_alert.h"
#include "tests/support/tls_peer.h"

namespace tests::support {

// The context all connections share, and the callbacks that lead to the Session of an SSL.
[[nodiscard]] probes::tls::Ptr<SSL_CTX> peer_context(const TlsPeerOptions& options, const Issued& identity);

class Session {
 public:
  // Changes what was seen, under the peer's lock.
  using Note = std::function<void(const std::function<void(SeenConnection&)>&)>;

  Session(int socket, SSL_CTX* context, const TlsPeerOptions& options, Note note);
  void run();

  // From OpenSSL's callbacks.
  static Session& of(const SSL* ssl);
  WriteState& write_state() { return write_state_; }
  void on_certificate_message(bool empty);
  void on_compressed_certificate();
  void on_finished() { ++finished_; }
  bool judge(X509_STORE_CTX* chain);

 private:
  bool perform(const std::vector<Act>& script);  // false: the connection is over
  bool perform(const act::AwaitBytes&);
  bool perform(const act::AwaitLine&);
  bool perform(const act::AwaitRequest&);
  bool perform(const act::Send& send);
  bool perform(const act::Trickle& trickle);
  bool perform(const act::Pause& pause);
  bool perform(const act::Close&);
  bool perform(const act::CloseNotify&);
  bool perform(const act::Reset&);
  bool perform(const act::Alert& alert);
  bool perform(const act::Silence&);
  bool perform(const act::FloodTickets&);
  bool perform(const act::FloodKeyUpdates&);
  bool perform(const act::FloodData&);
  bool perform(const act::Renegotiate&);
  bool perform(const act::RequestLater&);
  bool accept();
  bool await_finished();
  void refuse();
  int read(char* buffer, int size);
  bool read_some(std::string& all);
  bool write(std::string_view bytes);
  bool write_raw(std::string_view bytes);

  int socket_;
  const TlsPeerOptions& options_;
  Note note_;
  probes::tls::Ptr<SSL> ssl_;
  bool secured_ = false;   // the handshake is complete
  bool required_ = false;  // a client certificate is
  int finished_ = 0;       // Finished messages of the client
  WriteState write_state_;
};

}  // namespace tests::support
