// What one probe of one server saw. A failed probe is a value like any other, and whatever was learnt before the
// failure (certificates above all) stands beside it. Plain values, made on a probe's thread and moved to the estate.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "probes/observations/certificate.h"
#include "probes/observations/chain.h"
#include "probes/observations/reason.h"
#include "probes/observations/wall_time.h"

namespace probes::observations {

// What was negotiated; known as soon as the client's side of the handshake is complete.
struct Negotiated {
  std::string version;  // "TLSv1.3"
  std::string cipher;   // "TLS_AES_256_GCM_SHA384"
  std::string group;    // "X25519", "X25519MLKEM768"; empty: none (RSA key exchange)
  std::string alpn;     // empty: none
};

// What became of our client certificate. See docs/design.md for the evidence each verdict needs.
enum class Verdict : std::uint8_t { accepted, rejected, unconfirmed, not_requested };
[[nodiscard]] std::string_view word(Verdict verdict);

// The certificate authorities the server says it accepts, from its CertificateRequest.
struct AcceptableAuthorities {
  std::size_t count = 0;              // names in the list
  std::vector<std::string> names;     // RFC 2253, in the order sent; the first thousand
  std::string digest;                 // 16 hex digits over the sorted DER names: changes exactly when the set does
  std::vector<std::string> problems;  // words: empty, public_root, expired_ca
  bool operator==(const AcceptableAuthorities&) const = default;
};
using AcceptableAuthoritiesPtr = std::shared_ptr<const AcceptableAuthorities>;  // shared by all that saw the same list

struct ClientAuthentication {
  bool requested = false;               // a CertificateRequest came
  bool requested_late = false;          // ... after the handshake: renegotiation or post-handshake authentication
  bool sent = false;                    // our Certificate message was not empty
  std::optional<bool> issuer_listed;    // an identity was offered: it chains to a listed name, or the list is empty
  AcceptableAuthoritiesPtr acceptable;  // null until requested
  std::optional<Verdict> verdict;       // absent: the handshake never got far enough to say
  // Without an identity: how the server turned us away for want of a certificate, which is what such a server is there for.
  std::optional<Failure> turned_away;
  // The server chose an application protocol in which it may still refuse us, and nothing was asked in it.
  bool unasked = false;
};

// What is offered by ALPN: what the protocol or the configuration says, nothing, or h2 alone.
enum class Offer : std::uint8_t { usual, none, h2 };

// What one probe learnt of a server for the next: with which offer it lets us in, or that it hangs up whatever is offered.
struct Approach {
  Offer offer = Offer::usual;
  bool hangs_up = false;
  bool operator==(const Approach&) const = default;
};

// Wall time spent in each phase; zero: not entered.
struct Phases {
  std::chrono::nanoseconds resolve{};
  std::chrono::nanoseconds connect{};  // where a proxy is asked: to the proxy
  std::chrono::nanoseconds proxy{};    // until it had connected us
  std::chrono::nanoseconds dialogue{};
  std::chrono::nanoseconds handshake{};
  std::chrono::nanoseconds verdict{};
};

struct Established {};
using Failed = Failure;

struct Handshake {
  WallTime finished{};
  std::chrono::nanoseconds duration{};  // our own queueing excluded
  Phases phases;
  std::string endpoint;  // "192.0.2.1:443", "[::1]:443"; as a proxy was asked for it; empty: not resolved
  std::variant<Established, Failed> outcome;
  std::optional<Negotiated> negotiated;
  std::vector<CertificatePtr> certificates;   // as sent, leaf first; empty: none came
  std::vector<std::string> certificates_der;  // the same in DER, only where that was asked for
  ChainJudgementPtr chain;                    // absent: no certificate came, or no name is expected
  std::optional<bool> hostname_match;         // absent: no certificate came, or no name is expected
  ClientAuthentication client;
  std::optional<int> application_status;  // the HTTP status, where one was asked
  bool application_let_us_in = false;     // the answer of a protocol without statuses is no refusal
  bool application_answered = false;      // ... or another answer to what we asked
  Approach approach;
  std::string set_aside;  // what earlier tries of this probe met, for people; empty: there was one

  [[nodiscard]] const Failure* failure() const { return std::get_if<Failed>(&outcome); }
};

// The rows of the outcome table, as questions to one observation.
[[nodiscard]] bool reached(const Handshake& handshake);           // the TCP (or proxied) connection came about
[[nodiscard]] bool handshake_failed(const Handshake& handshake);  // failed before or in TLS, or our certificate was refused

// What a knock without our own identity met. `undetermined` is never counted as refused.
enum class KnockAnswer : std::uint8_t { refused, admitted, undetermined };
[[nodiscard]] std::string_view word(KnockAnswer answer);

struct KnockFound {
  KnockAnswer answer = KnockAnswer::undetermined;
  bool by_tls = false;  // TLS alone answered: it let the knock in, or refused it
};

// How the door is kept, from the answers of the knocks. `any_certificate` and `open` are holes.
enum class DoorMode : std::uint8_t { none, optional, required, any_certificate, open, undetermined };
[[nodiscard]] std::string_view word(DoorMode mode);

}  // namespace probes::observations
