// A scripted TLS server for tests: listens on 127.0.0.1, any free port, and does to every client what its script says. One
// thread accepts, one serves each connection; all end with the peer. Made on the test's thread; the questions about what it
// has seen may be asked from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "tests/support/test_ca.h"

namespace tests::support {

// One step of a script. Each works before the handshake too, on the bare connection, where it makes sense there.
namespace act {
struct AwaitBytes {};    // waits for the client's first bytes (a ClientHello; application data)
struct AwaitLine {};     // reads up to a line feed, on the bare connection
struct AwaitRequest {};  // reads until an empty line
struct Send {
  std::string bytes;
};  // application bytes; raw ones before the handshake
struct Trickle {
  std::string bytes;
  std::chrono::milliseconds pace{20};
};  // the same, one byte at a time
struct Pause {
  std::chrono::milliseconds time{100};
};
struct Close {};        // closes the connection without close_notify; ends the script
struct CloseNotify {};  // close_notify, then closes; ends the script
struct Reset {};        // RST (SO_LINGER 0); ends the script
struct Alert {
  std::uint8_t number = 40;
};                          // a fatal alert of this number, then closes; ends the script
struct Silence {};          // reads and records until the client goes or the peer ends; ends the script
struct FloodTickets {};     // TLS 1.3: NewSessionTicket until the client goes; ends the script
struct FloodKeyUpdates {};  // TLS 1.3: KeyUpdates that want one back until the client goes; ends the script
struct FloodData {};        // application data until the client goes; ends the script
struct Renegotiate {};      // TLS 1.2: a new handshake that asks for a certificate
struct RequestLater {};     // TLS 1.3: post-handshake authentication; fails where the client did not offer it
}  // namespace act

using Act = std::variant<act::AwaitBytes, act::AwaitLine, act::AwaitRequest, act::Send, act::Trickle, act::Pause, act::Close,
                         act::CloseNotify, act::Reset, act::Alert, act::Silence, act::FloodTickets, act::FloodKeyUpdates,
                         act::FloodData, act::Renegotiate, act::RequestLater>;

// Waits for a request, answers `text` as it stands, and says goodbye properly.
[[nodiscard]] std::vector<Act> answer_http(std::string text);

enum class ClientCertificate { none, optional, required };

struct TlsPeerOptions {
  const Issued* identity = nullptr;  // the server's leaf and key; null: one it makes itself, for localhost
  std::vector<X509*> chain;          // sent behind the leaf
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
  ClientCertificate client = ClientCertificate::none;  // in the handshake; Renegotiate and RequestLater require one
  X509* client_anchor = nullptr;                       // what client certificates must chain to; null: any certificate will do
  std::vector<X509*> acceptable;                       // their subjects are the acceptable CAs; empty: no list
  std::vector<std::string> alpn;                       // empty: the extension is ignored; no overlap: alert 120
  std::function<void(SSL_CTX*)> configure;             // anything else, after all of the above
  std::string only_alpn;                               // who did not choose this protocol is hung up on after the handshake
  int tickets = 2;                                     // TLS 1.3: how many NewSessionTicket messages follow a handshake
  // How a client certificate (or the lack of a required one) is turned down: Alert, Close or Reset; Silence stands for
  // OpenSSL's own alert. In TLS 1.2 this happens inside the handshake, in TLS 1.3 the client has already finished.
  Act refusal = act::Silence{};
  std::chrono::milliseconds refusal_pause{0};           // how long it thinks before it says so
  std::vector<Act> before_handshake;                    // on the bare connection
  std::vector<Act> after_handshake = {act::Silence{}};  // the script; where it ends, Silence follows
  std::string ip = "127.0.0.1";                         // of 127.0.0.0/8
  std::uint16_t port = 0;                               // 0: a free one
};

// What the peer saw of one connection.
struct SeenConnection {
  bool handshake_completed = false;
  std::string version;          // "TLSv1.3"
  std::string server_name;      // SNI; empty: none
  std::string alpn;             // chosen; empty: none
  std::string client_subject;   // RFC 2253, of the certificate that came, refused or not; empty: none came
  bool compressed = false;      // a certificate came compressed (RFC 8879)
  std::string raw;              // bytes read before the handshake
  std::string application;      // bytes read after it
  int sent_while_refusing = 0;  // bytes that arrived during refusal_pause
  bool ended = false;           // the connection is over
};

class TlsPeer {
 public:
  explicit TlsPeer(TlsPeerOptions options = {});
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::vector<SeenConnection> seen() const;  // in the order of arrival

  // Waits until `reached` holds for what was seen; false after ten seconds.
  [[nodiscard]] bool wait_until(const std::function<bool(const std::vector<SeenConnection>&)>& reached) const;

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace tests::support
