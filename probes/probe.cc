#include "probes/probe.h"

#include <algorithm>
#include <array>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <utility>

#include "probes/conversation.h"
#include "probes/net/socket.h"
#include "probes/protocols/protocol.h"
#include "probes/route.h"

namespace probes {

namespace {

using observations::Failure;
using observations::Handshake;
using observations::Reason;
using observations::Stage;
using Clock = std::chrono::steady_clock;

// The probe's progress. Lives in the frame of probe(), on one lane.
class Progress {
 public:
  // Borrows what probe() was given.
  Progress(const asio::any_io_executor& executor, const Surroundings& surroundings, const Assignment& assignment)
      : surroundings_(surroundings),
        assignment_(assignment),
        socket_(executor, started_ + time()),
        abandoning_(assignment_.abandon, [executor, expire_now = socket_.expire_now()] { asio::post(executor, expire_now); }) {}

  asio::awaitable<void> run() {
    auto failure = co_await route_.reach();
    if (!failure) failure = co_await converse();
    if (failure && turned_away_as_meant(*failure)) seen_.client.turned_away = std::exchange(failure, std::nullopt);
    if (failure) seen_.outcome = std::move(*failure);
    seen_.duration = socket_.now() - started_;
    if (conversation_ && seen_.chain && seen_.chain->revocation_pending) co_await conversation_->hear_revocation();
    seen_.finished = observations::wall_now();
  }

  Handshake seen() && { return std::move(seen_); }

 private:
  using Outcome = asio::awaitable<std::optional<Failure>>;
  using Offer = observations::Offer;

  const config::Target& target() const { return *assignment_.target; }
  const config::Module& module() const { return *assignment_.target->module; }
  std::chrono::milliseconds time() const {
    const auto timeout = module().timeout;
    return assignment_.at_most > std::chrono::milliseconds::zero() ? std::min(timeout, assignment_.at_most) : timeout;
  }
  const Ending& ending() const { return conversation_->ending(); }

  // A fresh connection to the server that was reached. Without a socket for it the whole probe is worth making again.
  asio::awaitable<bool> connected_again() {
    const auto failure = co_await route_.reach_again();
    co_return !failure;
  }

  Outcome converse() {
    protocol_ = protocols::find_protocol(module().protocol);
    if (protocol_ == nullptr) co_return Failure{Stage::internal, Reason::internal, {}, "unknown protocol " + module().protocol};
    conversation_.emplace(surroundings_, assignment_, *protocol_, socket_, now_, seen_);
    seen_.approach = assignment_.approach;
    auto failure = co_await conversation_->hold({.offer = seen_.approach.offer});
    if (!failure) seen_.approach.hangs_up = false;  // that contradicts it
    if (shut_out(failure)) co_return co_await other_offers(std::move(*failure));
    if (!failure && silent()) co_return co_await ask_in_tls12();
    co_return failure;
  }

  // The server may want another ALPN protocol than it was offered, and none of our certificates is to blame. A server that is
  // known to hang up whatever is offered has refused us.
  bool shut_out(const std::optional<Failure>& failure) const {
    const bool offers = module().tls.alpn ? !module().tls.alpn->empty() : !protocol_->alpn.empty();
    if (!failure || !offers || assignment_.settled_approach || ending().alpn_chosen) return false;
    return ending().no_protocol || (ending().hung_up && !assignment_.approach.hangs_up);
  }

  bool offers_h2() const {
    if (module().tls.alpn) return std::ranges::find(*module().tls.alpn, "h2") != module().tls.alpn->end();
    return std::ranges::find(protocol_->alpn, "h2") != protocol_->alpn.end();
  }

  // Each other offer once, on a connection of its own: the result is that of the one that got in.
  Outcome other_offers(Failure first) {
    const bool no_protocol = ending().no_protocol;
    bool all_tried = true;
    Handshake best = seen_;
    for (const Offer next : {Offer::usual, Offer::none, Offer::h2}) {
      if (next == assignment_.approach.offer || (next == Offer::h2 && offers_h2())) continue;
      all_tried = co_await connected_again();
      if (!all_tried) break;
      seen_ = Handshake{.phases = best.phases, .endpoint = best.endpoint, .approach = {.offer = next}};
      auto failure = co_await conversation_->hold({.offer = next});
      const bool got_in = !failure || (failure->stage == Stage::application && !ending().hung_up);
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
    seen_.application_answered = seen_.application_let_us_in = false;
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
           seen_.client.requested && !seen_.application_answered && !ending().alpn_chosen && seen_.negotiated &&
           seen_.negotiated->version == "TLSv1.3" && module().tls.min_version <= config::TlsVersion::tls1_2;
  }

  Outcome ask_in_tls12() {
    Handshake silent = seen_;
    if (!co_await connected_again()) co_return std::nullopt;
    auto failure = co_await conversation_->hold({.offer = silent.approach.offer, .tls12 = true});
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

  const Surroundings& surroundings_;
  const Assignment& assignment_;
  const Clock::time_point started_ = Clock::now();
  // The one clock reading of the probe, and the time its certificates are judged at.
  const std::chrono::sys_seconds now_ = observations::wall_seconds() + assignment_.judge_ahead;
  net::Socket socket_;
  std::stop_callback<std::function<void()>> abandoning_;
  const protocols::Protocol* protocol_ = nullptr;
  Handshake seen_;
  Route route_{surroundings_, assignment_, socket_, seen_};
  std::optional<Conversation> conversation_;
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
