// One connection's worth of a probe: the handshake on a socket that is connected, what the server makes of our certificate, and
// what it says. A probe may hold several, each with another offer (probe.cc); what each saw is added to the probe's observation.
// Lives in the frame of its probe and on its lane; what it is given is borrowed and outlives it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include "probes/net/socket.h"
#include "probes/observations/handshake.h"
#include "probes/probe.h"
#include "probes/protocols/protocol.h"
#include "probes/tls/context.h"
#include "probes/tls/session.h"

namespace probes {

// How a connection ended.
struct Ending {
  bool alpn_chosen = false;
  bool no_protocol = false;  // alert 120
  bool hung_up = false;      // closed or reset, without an alert
};

class Conversation {
 public:
  // `at`: the time certificates are judged at. `seen`: what is learnt is written there as soon as it is known.
  Conversation(const Surroundings& surroundings, const Assignment& assignment, const protocols::Protocol& protocol,
               net::Socket& socket, std::chrono::sys_seconds at, observations::Handshake& seen);

  // On the connection that the socket has now. Why it failed, if it did.
  asio::awaitable<std::optional<observations::Failure>> hold(tls::Contexts::Variant variant);

  // Waits for whoever is asked of revocation for the first time, as long as the probe has time, and judges the certificates
  // again.
  asio::awaitable<void> hear_revocation();

  const Ending& ending() const { return ending_; }  // of the last one held

 private:
  using Outcome = asio::awaitable<std::optional<observations::Failure>>;

  Outcome introduce();
  Outcome start_tls();
  protocols::Question question() const;
  Outcome shake_hands(tls::Session& session);
  observations::Failure refuse(const tls::Session& session);
  Outcome conclude(tls::Session& session);
  asio::awaitable<void> note_certificates(const tls::Session& session);
  std::optional<std::string> staple(const tls::Session& session) const;  // absent: not asked for
  asio::awaitable<void> judge();                                         // the certificates that were received
  bool asks() const;                                                     // distribution points or responders
  revocation::Wanted wanted() const;
  asio::awaitable<void> note_client(const tls::Session& session);
  std::optional<observations::Failure> blame_identity(const tls::Session& session, std::optional<observations::Failure> failure);

  const config::Target& target() const { return *assignment_.target; }
  const config::Module& module() const { return *assignment_.target->module; }
  tls::IdentityPtr presentable() const;
  const asio::any_io_executor* worker() const { return surroundings_.worker ? &surroundings_.worker : nullptr; }
  const asio::any_io_executor* signer() const;

  const Surroundings& surroundings_;
  const Assignment& assignment_;
  const protocols::Protocol& protocol_;
  net::Socket& socket_;
  const std::chrono::sys_seconds now_;
  observations::Handshake& seen_;
  const std::string server_name_;
  Ending ending_;
  std::vector<tls::KnownCertificatePtr> received_;  // of the last one held
  std::optional<std::string> staple_;
  std::string unusable_;  // why our identity cannot be presented
};

}  // namespace probes
