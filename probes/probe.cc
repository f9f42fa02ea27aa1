#include "probes/probe.h"

#include <algorithm>
#include <array>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <utility>

#include "probes/chain/hostname.h"
#include "probes/chain/judge.h"
#include "probes/client_auth/acceptable_authorities.h"
#include "probes/client_auth/verdict.h"
#include "probes/net/connect_failure.h"
#include "probes/net/proxy_protocol.h"
#include "probes/net/socket.h"
#include "probes/protocols/protocol.h"
#include "probes/run_on.h"
#include "probes/tls/certificate_facts.h"
#include "probes/tls/failure.h"
#include "probes/tls/session.h"

namespace probes {

namespace {

using asio::ip::tcp;
using observations::Failure;
using observations::Handshake;
using observations::Reason;
using observations::Stage;
using Clock = std::chrono::steady_clock;

std::string printed(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

// RFC 9110 4.2.2: the default port is left out of the authority.
std::string authority(const std::string& host, std::uint16_t port) {
  const std::string bracketed = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == 443 ? bracketed : bracketed + ":" + std::to_string(port);
}

// The probe's progress. Lives in the frame of probe(), on one lane.
class Progress {
 public:
  // Borrows what probe() was given.
  Progress(const asio::any_io_executor& executor, const Surroundings& surroundings, const Assignment& assignment)
      : surroundings_(surroundings),
        assignment_(assignment),
        socket_(executor, started_ + time()),
        abandoning_(assignment_.abandon, [executor, hurry = socket_.hurry()] { asio::post(executor, hurry); }) {}

  asio::awaitable<void> run() {
    auto failure = co_await reach();
    if (!failure) failure = co_await converse();
    if (failure && turned_away_as_meant(*failure)) seen_.client.turned_away = std::exchange(failure, std::nullopt);
    if (failure) seen_.outcome = std::move(*failure);
    seen_.duration = socket_.now() - started_;
    seen_.finished = observations::wall_now();
  }

  Handshake seen() && { return std::move(seen_); }

 private:
  using Outcome = asio::awaitable<std::optional<Failure>>;
  using Offer = observations::Offer;

  // How the connection of one try ended.
  struct Ending {
    bool alpn_chosen = false;
    bool no_protocol = false;  // alert 120
    bool hung_up = false;      // closed or reset, without an alert
  };

  const config::Target& target() const { return *assignment_.target; }
  const config::Module& module() const { return *assignment_.target->module; }
  std::chrono::milliseconds time() const {
    const auto timeout = module().timeout;
    return assignment_.at_most > std::chrono::milliseconds::zero() ? std::min(timeout, assignment_.at_most) : timeout;
  }
  bool may_connect(const asio::ip::address& address) const {
    return !assignment_.may_connect || assignment_.may_connect(address);
  }
  const std::string& server_name() const { return server_name_; }
  std::string sent_name() const { return module().tls.send_server_name ? server_name() : std::string(); }

  Outcome reach() {
    const auto resolving = socket_.now();
    auto resolved = co_await surroundings_.resolver.resolve(target().host, socket_.deadline());
    seen_.phases.resolve = socket_.now() - resolving;
    if (auto* failure = std::get_if<Failure>(&resolved)) {
      if (failure->stage == Stage::internal) co_return exhausted(failure->detail);
      co_return std::move(*failure);
    }
    co_return co_await connect(std::get<std::vector<asio::ip::address>>(resolved));
  }

  // Each address in turn, each with its share of the time left: a dead first address does not use up the probe.
  Outcome connect(const std::vector<asio::ip::address>& addresses) {
    const auto connecting = socket_.now();
    asio::error_code error = asio::error::network_unreachable;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      if (!may_connect(addresses[i])) continue;
      const tcp::endpoint endpoint(addresses[i], target().port);
      endpoint_ = endpoint;
      const auto share = (socket_.deadline() - Clock::now()) / static_cast<int>(addresses.size() - i);
      seen_.endpoint = printed(endpoint);
      error = co_await socket_.connect(endpoint, Clock::now() + share);
      if (!error || net::exhausted(error)) break;
    }
    seen_.phases.connect = socket_.now() - connecting;
    if (error && net::exhausted(error)) co_return exhausted(error.message());
    if (error) co_return net::connect_failure(error);
    co_return std::nullopt;
  }

  // A fresh connection to the server that was reached. Without a socket for it the whole probe is worth making again.
  asio::awaitable<bool> connected_again() {
    if (socket_.over()) co_return false;
    const asio::error_code error = co_await socket_.connect(endpoint_, socket_.deadline());
    if (error && net::exhausted(error)) exhausted(error.message());
    co_return !error;
  }

  Failure exhausted(const std::string& why) {
    if (assignment_.exhausted) assignment_.exhausted();
    return {Stage::internal, Reason::internal, {}, "the exporter ran out of file descriptors or memory: " + why};
  }

  Outcome converse() {
    protocol_ = protocols::find_protocol(module().protocol);
    if (protocol_ == nullptr) co_return Failure{Stage::internal, Reason::internal, {}, "unknown protocol " + module().protocol};
    seen_.approach = assignment_.approach;
    auto failure = co_await attempt({.offer = seen_.approach.offer});
    if (!failure) seen_.approach.hangs_up = false;  // that contradicts it
    if (shut_out(failure)) co_return co_await other_offers(std::move(*failure));
    if (!failure && silent()) co_return co_await ask_in_tls12();
    co_return failure;
  }

  // The server may want another ALPN protocol than it was offered, and none of our certificates is to blame. A server that is
  // known to hang up whatever is offered has refused us.
  bool shut_out(const std::optional<Failure>& failure) const {
    const bool offers = module().tls.alpn ? !module().tls.alpn->empty() : !protocol_->alpn.empty();
    if (!failure || !offers || assignment_.settled_approach || ending_.alpn_chosen) return false;
    return ending_.no_protocol || (ending_.hung_up && !assignment_.approach.hangs_up);
  }

  bool offers_h2() const {
    if (module().tls.alpn) return std::ranges::find(*module().tls.alpn, "h2") != module().tls.alpn->end();
    return std::ranges::find(protocol_->alpn, "h2") != protocol_->alpn.end();
  }

  // Each other offer once, on a connection of its own: the result is that of the one that got in.
  Outcome other_offers(Failure first) {
    const bool no_protocol = ending_.no_protocol;
    bool all_tried = true;
    Handshake best = seen_;
    for (const Offer next : {Offer::usual, Offer::none, Offer::h2}) {
      if (next == assignment_.approach.offer || (next == Offer::h2 && offers_h2())) continue;
      all_tried = co_await connected_again();
      if (!all_tried) break;
      seen_ = Handshake{.phases = best.phases, .endpoint = best.endpoint, .approach = {.offer = next}};
      auto failure = co_await attempt({.offer = next});
      const bool got_in = !failure || (failure->stage == Stage::application && !ending_.hung_up);
      if (got_in && module().tls.alpn) co_return shut_out_by_our_alpn(first);
      if (got_in) seen_.set_aside = "with the usual ALPN offer it ended with " + std::string(word(first.reason));
      if (got_in || refused_by_alert(*failure)) co_return failure;
      if (best.certificates.empty()) best = seen_;
    }
    seen_ = std::move(best);
    seen_.approach = {.hangs_up = all_tried && !no_protocol};
    if (no_protocol) seen_.client.verdict = observations::Verdict::unconfirmed;
    co_return first;
  }

  // Another offer than the operator's got in: what it met is no success of this module, and the next probe begins as configured.
  Failure shut_out_by_our_alpn(const Failure& first) {
    seen_.approach = {};
    seen_.client.verdict.reset();
    seen_.application_status.reset();
    seen_.application_answered = false;
    return {Stage::handshake, Reason::no_application_protocol, first.alert, first.detail};
  }

  // An alert that speaks of certificates; others may be about the offer again.
  static bool refused_by_alert(const Failure& failure) {
    constexpr std::array about_certificates = {42, 43, 44, 45, 46, 48, 49, 51, 116};
    return failure.stage == Stage::client_certificate && failure.alert &&
           std::ranges::find(about_certificates, *failure.alert) != about_certificates.end();
  }

  // Under TLS 1.3 a server that sends no tickets gives no sign that it accepts us; the Finished of TLS 1.2 is one.
  bool silent() const {
    return protocol_->asked == protocols::Asked::where_negotiated && seen_.client.verdict == observations::Verdict::unconfirmed &&
           seen_.client.requested && !seen_.application_answered && !ending_.alpn_chosen && seen_.negotiated &&
           seen_.negotiated->version == "TLSv1.3" && module().tls.min_version <= config::TlsVersion::tls1_2;
  }

  Outcome ask_in_tls12() {
    Handshake silent = seen_;
    if (!co_await connected_again()) co_return std::nullopt;
    auto failure = co_await attempt({.offer = silent.approach.offer, .tls12 = true});
    const bool refused = failure && failure->stage == Stage::client_certificate;
    if (refused || (!failure && seen_.client.verdict == observations::Verdict::accepted)) {
      silent.client.verdict = seen_.client.verdict;
      silent.set_aside = "in TLS 1.3 it gives no sign; the verdict is that of TLS 1.2";
    }
    seen_ = std::move(silent);
    co_return refused ? std::move(failure) : std::nullopt;
  }

  // Without an identity, being turned away for want of a certificate is what a server with mutual TLS does.
  bool turned_away_as_meant(const Failure& failure) const {
    const auto expect = module().client_auth.expect;
    const bool open_expected = expect == config::ClientAuthExpectation::none || expect == config::ClientAuthExpectation::optional;
    return !assignment_.identity && failure.stage == Stage::client_certificate && seen_.client.requested && !open_expected;
  }

  // One connection's worth of the probe.
  Outcome attempt(tls::Contexts::Variant variant) {
    ending_ = {};
    auto made = surroundings_.contexts.get(assignment_.target->module, presentable(), protocol_->alpn, variant);
    if (auto* unfit = std::get_if<tls::Unfit>(&made); unfit != nullptr && unfit->identity) {
      // The server's certificate is still worth seeing: knock without ours, and say why.
      unusable_ = unfit->why;
      made = surroundings_.contexts.get(assignment_.target->module, nullptr, protocol_->alpn, variant);
    }
    if (auto* unfit = std::get_if<tls::Unfit>(&made)) co_return Failure{Stage::internal, Reason::internal, {}, unfit->why};
    tls::Session session(socket_, std::get<SSL_CTX*>(made), sent_name(), signer(), worker());
    std::optional<Failure> failure;
    if (config::proxy_protocol(target()) != config::ProxyProtocol::off) failure = co_await introduce();
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
  Outcome introduce() {
    const bool is_v1 = config::proxy_protocol(target()) == config::ProxyProtocol::v1;
    const std::string header = (is_v1 ? net::proxy_header_v1 : net::proxy_header_v2)(socket_.local(), socket_.remote());
    const asio::error_code error = co_await socket_.write(header);
    if (!error) co_return std::nullopt;
    const Reason reason = error == asio::error::timed_out ? Reason::handshake_timeout : Reason::connection_reset;
    co_return Failure{Stage::handshake, reason, {}, "while the PROXY protocol's header was written: " + error.message()};
  }

  Outcome shake_hands(tls::Session& session) {
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

  Failure refuse(const tls::Session& session) {
    Failure failure = tls::explain(session.trace(), session.stop());
    if (failure.stage == Stage::client_certificate) seen_.client.verdict = observations::Verdict::rejected;
    return failure;
  }

  Outcome conclude(tls::Session& session) {
    const auto concluding = socket_.now();
    protocols::Question question{.host = authority(server_name(), target().port),
                                 .alpn = {},
                                 .method = module().http.method,
                                 .path = module().http.path,
                                 .headers = module().http.headers};
    const bool offered = assignment_.identity != nullptr;
    client_auth::Conclusion conclusion =
        co_await client_auth::conclude(session, *protocol_, std::move(question), module().http, offered);
    seen_.client.verdict = conclusion.verdict;
    seen_.application_status = conclusion.status;
    seen_.application_answered = conclusion.answered;
    seen_.client.unasked = conclusion.unasked;
    seen_.phases.verdict = socket_.now() - concluding;
    co_return std::move(conclusion.failure);
  }

  asio::awaitable<void> note_certificates(const tls::Session& session) {
    std::vector<X509*> received;
    for (const tls::KnownCertificatePtr& known : session.received_certificates()) {
      received.push_back(known->certificate.get());
      seen_.certificates.push_back(known->facts);
      if (assignment_.keep_der) seen_.certificates_der.push_back(tls::der(received.back()));
    }
    if (received.empty()) co_return;
    const chain::JudgeOptions options{.purpose = chain::Purpose::server,
                                      .security_level = module().tls.security_level,
                                      .ignore = module().findings.ignore,
                                      .maximum_validity_days = module().findings.maximum_validity_days,
                                      .at = now_};
    const auto judge = [&] { return chain::remembered_judgement(received, seen_.certificates, *assignment_.trust, options); };
    if (worker() != nullptr && chain::dear(received)) seen_.chain = co_await run_on(*worker(), judge);
    else seen_.chain = judge();
    if (target().name_judged) seen_.hostname_match = chain::hostname_matches(received.front(), server_name());
  }

  asio::awaitable<void> note_client(const tls::Session& session) {
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
  std::optional<Failure> blame_identity(const tls::Session& session, std::optional<Failure> failure) {
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

  tls::IdentityPtr presentable() const {
    return assignment_.identity && assignment_.identity->usable() ? assignment_.identity : nullptr;
  }
  const asio::any_io_executor* worker() const { return surroundings_.worker ? &surroundings_.worker : nullptr; }
  const asio::any_io_executor* signer() {
    return presentable() && assignment_.identity->key_in_token() ? &surroundings_.signer : nullptr;
  }

  const Surroundings& surroundings_;
  const Assignment& assignment_;
  const Clock::time_point started_ = Clock::now();
  // The one clock reading of the probe, and the time its certificates are judged at.
  const std::chrono::sys_seconds now_ = observations::wall_seconds() + assignment_.judge_ahead;
  net::Socket socket_;
  std::stop_callback<std::function<void()>> abandoning_;
  tcp::endpoint endpoint_;
  const protocols::Protocol* protocol_ = nullptr;
  Ending ending_;
  Handshake seen_;
  const std::string server_name_ = config::server_name(target());
  std::string unusable_;  // why our identity cannot be presented
};

// What was learnt before this program could not go on is kept.
Handshake broken(Handshake seen, const std::string& why) {
  seen.finished = observations::wall_now();
  seen.outcome = Failure{Stage::internal, Reason::internal, {}, why};
  return seen;
}

}  // namespace

asio::awaitable<Handshake> probe(const Surroundings& surroundings, const Assignment& assignment) {
  const auto executor = co_await asio::this_coro::executor;
  std::optional<Progress> progress;
  std::string why;
  try {
    progress.emplace(executor, surroundings, assignment);
    co_await progress->run();
    co_return std::move(*progress).seen();
  } catch (const std::exception& error) {
    why = error.what();  // out of memory: this program's trouble, not the server's
  }
  co_return broken(progress ? std::move(*progress).seen() : Handshake{}, why);
}

}  // namespace probes
