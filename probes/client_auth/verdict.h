// The verdict on our client certificate. Under TLS 1.3 the client's handshake is over before the server has looked at the
// certificate, so "the handshake completed" proves nothing: a verdict needs positive evidence from after our last Certificate
// message, and a rejection beats any acceptance.
//
//   rejected       a fatal alert, close or reset after our Certificate and before any application byte; or the application's
//                  refusal
//   accepted       an answer to what we asked that is no refusal; or the server's Finished (TLS 1.2) or a NewSessionTicket
//                  (TLS 1.3) followed by a settle time without alert, close or reset (a server may send tickets and then hang
//                  up). Bytes of a protocol that we do not speak settle nothing
//   unconfirmed    neither within the patience; or the server chose HTTP, in which it may still refuse us, and was not asked
//   not_requested  the server never asked, final only once the application has answered, where there is one to ask
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include <asio/awaitable.hpp>

#include "config/settings.h"
#include "probes/observations/handshake.h"
#include "probes/protocols/protocol.h"
#include "probes/tls/session.h"

namespace probes::client_auth {

// How long a server that sent nothing is listened to before the verdict is `unconfirmed`.
inline constexpr std::chrono::milliseconds patience{3000};
// A refusal that follows the tickets comes with them or a round trip later: max(2 round trips, 50 ms).
[[nodiscard]] std::chrono::nanoseconds settle_time(std::chrono::nanoseconds round_trip);

// What the conversation after the handshake came to.
struct Conclusion {
  std::optional<observations::Verdict> verdict;
  std::optional<observations::Failure> failure;
  std::optional<int> status = {};  // the application's
  bool answered = false;           // the application answered what we asked
  bool let_in = false;             // ... in a protocol without statuses, and refuses nobody by it
  bool unasked = false;            // the server chose HTTP, and the protocol asks nothing
};

// Listens, and asks `protocol`'s question where it has one for what ALPN chose. REQUIRES: session.trace().complete. `offered`: an
// identity was configured, so that even a server that has not asked yet is listened to.
asio::awaitable<Conclusion> conclude(tls::Session& session, const protocols::Protocol& protocol, protocols::Question question,
                                     const config::Http& http, bool offered);

// Is this HTTP answer a refusal of the client certificate? nginx answers 400 with a page that says so; 495 and 496 are its own
// codes; `refused` are the configured ones. A 401 or 403 alone is not one: the path may simply be private.
[[nodiscard]] bool refuses_certificate(int status, std::string_view body, const std::vector<config::StatusRange>& refused);

// Is the status one of `accepted`? With an empty list every status is.
[[nodiscard]] bool accepts_status(int status, const std::vector<config::StatusRange>& accepted);

}  // namespace probes::client_auth
