#include "probes/conversation.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "probes/chain/hostname.h"
#include "probes/chain/judge.h"
#include "probes/client_auth/acceptable_authorities.h"
#include "probes/client_auth/verdict.h"
#include "probes/net/plain_stream.h"
#include "probes/net/proxy_protocol.h"
#include "probes/protocols/reader.h"
#include "probes/run_on.h"
#include "probes/tls/certificate_facts.h"
#include "probes/tls/failure.h"

#include <asio/error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace probes {

using observations::Failure;
using observations::Reason;
using observations::Stage;

namespace {

// RFC 9110 4.2.2: the default port is left out of the authority.
std::string authority(const std::string& host, std::uint16_t port) {
  const std::string bracketed = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == 443 ? bracketed : bracketed + ":" + std::to_string(port);
}

using Outcome = asio::awaitable<std::optional<Failure>>;

}  // namespace

Conversation::Conversation(const Surroundings& surroundings, const Assignment& assignment, const protocols::Protocol& protocol,
                           net::Socket& socket, std::chrono::sys_seconds at, observations::Handshake& seen)
    : surroundings_(surroundings),
      assignment_(assignment),
      protocol_(protocol),
      socket_(socket),
      now_(at),
      seen_(seen),
      server_name_(config::server_name(*assignment.target)) {}

Outcome Conversation::hold(tls::Contexts::Variant variant) {
  ending_ = {};
  auto made = surroundings_.contexts.get(assignment_.target->module, presentable(), protocol_.alpn, variant);
  if (auto* unfit = std::get_if<tls::Unfit>(&made); unfit != nullptr && unfit->identity) {
    // The server's certificate is still worth seeing: knock without ours, and say why.
    unusable_ = unfit->why;
    made = surroundings_.contexts.get(assignment_.target->module, nullptr, protocol_.alpn, variant);
  }
  if (auto* unfit = std::get_if<tls::Unfit>(&made)) co_return Failure{Stage::internal, Reason::internal, {}, unfit->why};
  const std::unique_ptr<net::Wire> wire = protocol_.wire == nullptr ? nullptr : protocol_.wire(socket_);
  tls::Session session(socket_, std::get<SSL_CTX*>(made), module().tls.send_server_name ? server_name_ : std::string(), signer(),
                       worker(), tls::received_bytes_limit, wire.get());
  std::optional<Failure> failure;
  if (config::proxy_protocol(target()) != config::ProxyProtocol::off) failure = co_await introduce();
  if (!failure && protocol_.starttls != nullptr) failure = co_await start_tls();
  if (!failure) failure = co_await shake_hands(session);
  if (!failure) failure = co_await conclude(session);
  co_await note_client(session);
  const net::End end = session.stop().end;
  ending_ = {.alpn_chosen = !session.negotiated().alpn.empty(),
             .no_protocol = session.trace().fatal_alert == SSL_AD_NO_APPLICATION_PROTOCOL,
             .hung_up = !session.trace().fatal_alert && (end == net::End::closed || end == net::End::reset)};
  if (!failure) session.close_politely();
  co_return blame_identity(session, std::move(failure));
}

// The PROXY protocol's header. Nothing answers it: a server that minds it closes.
Outcome Conversation::introduce() {
  const bool is_v1 = config::proxy_protocol(target()) == config::ProxyProtocol::v1;
  const std::string header = (is_v1 ? net::proxy_header_v1 : net::proxy_header_v2)(socket_.local(), socket_.remote());
  const asio::error_code error = co_await socket_.write(header);
  if (!error) co_return std::nullopt;
  const Reason reason = error == asio::error::timed_out ? Reason::handshake_timeout : Reason::connection_reset;
  co_return Failure{Stage::handshake, reason, {}, "while the PROXY protocol's header was written: " + error.message()};
}

// The protocol's dialogue that leads to TLS.
Outcome Conversation::start_tls() {
  using Result = protocols::Upgrade::Result;
  const auto starting = socket_.now();
  net::PlainStream plain(socket_, protocols::Reader::dialogue_limit);
  const protocols::Question words = question();
  const protocols::Upgrade upgrade = co_await protocol_.starttls(plain, words);
  seen_.phases.dialogue = socket_.now() - starting;
  const auto because = [&](Reason reason) { return Failure{Stage::starttls, reason, {}, upgrade.said}; };
  switch (upgrade.result) {
    case Result::agreed: co_return std::nullopt;
    case Result::refused: co_return because(Reason::starttls_refused);
    case Result::needs_authentication: co_return because(Reason::starttls_needs_authentication);
    case Result::plaintext_left: co_return because(Reason::plaintext_after_starttls);
    case Result::malformed: co_return because(Reason::starttls_protocol);
    case Result::ended: break;
  }
  if (upgrade.end == net::End::too_late) co_return because(Reason::starttls_timeout);
  const char* how = upgrade.end == net::End::closed  ? "it closed the connection"
                    : upgrade.end == net::End::reset ? "it reset the connection"
                                                     : "the connection failed";
  co_return Failure{Stage::starttls, Reason::starttls_protocol, {}, how};
}

protocols::Question Conversation::question() const {
  protocols::Question question{.host = authority(server_name_, target().port),
                               .server = server_name_,
                               .client = socket_.local().address().to_string(),
                               .user = module().user,
                               .alpn = {},
                               .method = module().http.method,
                               .path = config::http_path(target()),
                               .body = {},
                               .headers = module().http.headers};
  return question;
}

Outcome Conversation::shake_hands(tls::Session& session) {
  const auto shaking = socket_.now();
  const net::End end = co_await session.handshake();
  seen_.phases.handshake = socket_.now() - shaking;
  co_await note_certificates(session);
  if (end != net::End::ok) co_return refuse(session);
  seen_.negotiated = session.negotiated();
  if (seen_.certificates.empty())
    co_return Failure{Stage::handshake, Reason::no_certificate, {}, "the server sent no certificate"};
  co_return std::nullopt;
}

Failure Conversation::refuse(const tls::Session& session) {
  Failure failure = tls::explain(session.trace(), session.stop());
  if (failure.stage == Stage::client_certificate) seen_.client.verdict = observations::Verdict::rejected;
  return failure;
}

Outcome Conversation::conclude(tls::Session& session) {
  const auto concluding = socket_.now();
  const bool offered = assignment_.identity != nullptr;
  client_auth::Conclusion conclusion = co_await client_auth::conclude(session, protocol_, question(), module().http, offered);
  seen_.client.verdict = conclusion.verdict;
  seen_.application_status = conclusion.status;
  seen_.application_answered = conclusion.answered;
  seen_.application_let_us_in = conclusion.let_in;
  seen_.client.unasked = conclusion.unasked;
  seen_.phases.verdict = socket_.now() - concluding;
  co_return std::move(conclusion.failure);
}

asio::awaitable<void> Conversation::note_certificates(const tls::Session& session) {
  received_ = session.received_certificates();
  for (const tls::KnownCertificatePtr& known : received_) {
    seen_.certificates.push_back(known->facts);
    if (assignment_.keep_der) seen_.certificates_der.push_back(tls::der(known->certificate.get()));
  }
  if (received_.empty()) co_return;
  staple_ = staple(session);
  co_await judge();
  if (target().name_judged) seen_.hostname_match = chain::hostname_matches(received_.front()->certificate.get(), server_name_);
}

asio::awaitable<void> Conversation::judge() {
  std::vector<X509*> received;
  for (const tls::KnownCertificatePtr& known : received_) received.push_back(known->certificate.get());
  const chain::JudgeOptions options{.purpose = chain::Purpose::server,
                                    .security_level = module().tls.security_level,
                                    .ignore = module().findings.ignore,
                                    .maximum_validity_days = module().findings.maximum_validity_days,
                                    .at = now_,
                                    .lists = module().revocation.crl != config::RevocationCheck::off,
                                    .remote = asks() ? assignment_.remote.get() : nullptr,
                                    .wanted = wanted(),
                                    .staple = staple_};
  const auto judged = [&] { return chain::remembered_judgement(received, seen_.certificates, *assignment_.trust, options); };
  if (worker() != nullptr && chain::dear(received)) seen_.chain = co_await run_on(*worker(), judged);
  else seen_.chain = judged();
}

std::optional<std::string> Conversation::staple(const tls::Session& session) const {
  if (module().revocation.staple == config::RevocationCheck::off) return std::nullopt;
  return std::string(session.staple());
}

bool Conversation::asks() const {
  return module().revocation.fetch_lists || module().revocation.ocsp != config::RevocationCheck::off;
}

revocation::Wanted Conversation::wanted() const {
  if (!asks()) return {};
  const config::Revocation& settings = module().revocation;
  return {.lists = settings.fetch_lists,
          .answers = settings.ocsp != config::RevocationCheck::off,
          .responder = settings.responder,
          .nonce = settings.nonce,
          .refresh = settings.refresh};
}

// Only the first probe to meet a place waits: from then on it has been asked, whatever came of it.
asio::awaitable<void> Conversation::hear_revocation() {
  constexpr std::chrono::milliseconds pause(20);
  const auto same = [](const tls::KnownCertificatePtr& known, const auto& facts) { return known->facts == facts; };
  if (!std::ranges::equal(received_, seen_.certificates, same)) co_return;  // what counts is what another try saw
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (seen_.chain && seen_.chain->revocation_pending && !assignment_.abandon.stop_requested() &&
         std::chrono::steady_clock::now() + pause < socket_.deadline()) {
    timer.expires_after(pause);
    co_await timer.async_wait(asio::use_awaitable);
    co_await judge();
  }
}

asio::awaitable<void> Conversation::note_client(const tls::Session& session) {
  const tls::Trace& trace = session.trace();
  seen_.client.requested = trace.certificate_requested;
  seen_.client.requested_late = trace.requested_late;
  seen_.client.sent = trace.certificate_sent;
  if (!trace.certificate_requested) co_return;
  const auto* names = SSL_get0_peer_CA_list(session.ssl());
  const auto read = [&] {
    return client_auth::acceptable_authorities(names, {.trust = assignment_.trust.get(), .system = assignment_.system.get()},
                                               now_);
  };
  constexpr int usual_names = 256;
  if (worker() != nullptr && sk_X509_NAME_num(names) > usual_names) seen_.client.acceptable = co_await run_on(*worker(), read);
  else seen_.client.acceptable = read();
  if (presentable()) seen_.client.issuer_listed = client_auth::issuer_listed(session.ssl(), *assignment_.identity);
}

// A refusal of an empty Certificate message is our identity's fault when it should not have been empty.
std::optional<Failure> Conversation::blame_identity(const tls::Session& session, std::optional<Failure> failure) {
  if (failure && failure->stage != Stage::client_certificate && failure->stage != Stage::application) return failure;
  if (assignment_.identity && (!presentable() || !unusable_.empty())) {
    if (session.trace().certificate_requested) seen_.client.verdict.reset();
    const std::string why =
        unusable_.empty() ? "identity `" + assignment_.identity->name() + "` has no usable certificate and key" : unusable_;
    return Failure{Stage::client_certificate, Reason::identity_unusable, failure ? failure->alert : std::nullopt, why};
  }
  const bool held_back = assignment_.identity && session.trace().certificate_answered && !session.trace().certificate_sent;
  if (failure && held_back && failure->stage == Stage::client_certificate) failure->reason = Reason::no_suitable_signature;
  return failure;
}

tls::IdentityPtr Conversation::presentable() const {
  return assignment_.identity && assignment_.identity->usable() ? assignment_.identity : nullptr;
}

const asio::any_io_executor* Conversation::signer() const {
  return presentable() && assignment_.identity->key_in_token() ? &surroundings_.signer : nullptr;
}

}  // namespace probes
