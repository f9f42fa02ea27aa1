#include "probes/client_auth/verdict.h"

#include <algorithm>
#include <utility>

#include "probes/tls/failure.h"

namespace probes::client_auth {

namespace {

using net::End;
using net::Moment;
using observations::Failure;
using observations::Reason;
using observations::Stage;
using observations::Verdict;

Moment from_now(std::chrono::nanoseconds wait) {
  return std::chrono::steady_clock::now() + std::chrono::duration_cast<Moment::duration>(wait);
}

// How the listening after the handshake ended: End::ok when application bytes wait, too_late when it stayed quiet.
struct Heard {
  End end = End::too_late;
  bool settled = false;  // acceptance by TLS was followed by a settle time of silence
};

bool judged_by_tls(const tls::Session& session) { return session.trace().certificate_answered; }

// Listens until the server spoke, hung up, or stayed quiet for a settle time after accepting us in TLS. With `before_asking`
// a quiet settle time is enough even without a ticket: the question itself will bring the answer.
asio::awaitable<Heard> listen(tls::Session& session, bool before_asking) {
  const auto settle = settle_time(session.trace().round_trip());
  const Moment give_up =
      from_now(before_asking || !judged_by_tls(session) ? settle : std::max<std::chrono::nanoseconds>(patience, settle));
  const tls::Trace& trace = session.trace();
  bool asked_late = trace.requested_late;
  bool accepted = trace.tls_accepted();
  Moment until = accepted ? from_now(settle) : give_up;
  for (;;) {
    const End end = co_await session.listen(until);
    if (end != End::ok) co_return Heard{.end = end, .settled = end == End::too_late && accepted};
    if (session.application_bytes_waiting()) co_return Heard{.end = End::ok};
    if (trace.requested_late && !std::exchange(asked_late, true)) until = from_now(patience);
    if (trace.tls_accepted() && !accepted) until = from_now(settle);
    accepted = trace.tls_accepted();
    if (accepted && before_asking) co_return Heard{};
  }
}

// A connection that ended before any application byte.
Conclusion ended(const tls::Session& session) {
  Conclusion conclusion;
  const bool flooded_after_ticket = session.stop().end == End::flooded && session.trace().tls_accepted();
  if (flooded_after_ticket) {
    conclusion.verdict = Verdict::accepted;
  } else if (judged_by_tls(session)) {
    conclusion.failure = tls::explain(session.trace(), session.stop());
    const bool refused = conclusion.failure->stage == Stage::client_certificate;
    conclusion.verdict = refused ? Verdict::rejected : Verdict::unconfirmed;
  } else {
    conclusion.failure = tls::explain(session.trace(), session.stop());
    conclusion.verdict = Verdict::unconfirmed;
  }
  return conclusion;
}

// A plain TLS service: there is nothing to ask, so what it does by itself must do.
asio::awaitable<Conclusion> by_listening(tls::Session& session, bool offered) {
  if (!judged_by_tls(session) && !offered) co_return Conclusion{.verdict = Verdict::not_requested};
  const Heard heard = co_await listen(session, false);
  if (!judged_by_tls(session)) co_return Conclusion{.verdict = Verdict::not_requested};
  if (heard.end == End::ok || heard.settled) co_return Conclusion{.verdict = Verdict::accepted};
  if (heard.end == End::too_late) co_return Conclusion{.verdict = Verdict::unconfirmed};
  co_return ended(session);
}

Failure application_failure(Reason reason, std::string detail) {
  return {.stage = Stage::application, .reason = reason, .alert = {}, .detail = std::move(detail)};
}

Conclusion answered(const tls::Session& session, const protocols::Answer& answer, const config::Http& http) {
  Conclusion conclusion{
      .verdict = judged_by_tls(session) ? Verdict::accepted : Verdict::not_requested, .failure = {}, .status = answer.status};
  const int status = *answer.status;
  const std::string said = "HTTP " + std::to_string(status);
  const bool refuses = refuses_certificate(status, answer.text, http.refused_status);
  // A server that never asked has judged no certificate, whatever its pages say.
  if (refuses && judged_by_tls(session)) {
    conclusion.verdict = Verdict::rejected;
    conclusion.failure = {
        .stage = Stage::client_certificate, .reason = Reason::refused_by_application, .alert = {}, .detail = said};
  } else if (refuses || !accepts_status(status, http.accepted_status)) {
    conclusion.failure = application_failure(Reason::http_status, said);
  }
  return conclusion;
}

// The question got no answer that could be read.
Conclusion unanswered(const tls::Session& session, const protocols::Answer& answer) {
  const bool judged = judged_by_tls(session);
  if (answer.malformed)
    return {.verdict = judged ? Verdict::accepted : Verdict::not_requested,
            .failure = application_failure(Reason::application_protocol, "the answer is no HTTP")};
  if (answer.end == End::too_late) {
    // The settle time has long passed: what TLS accepted stays accepted.
    const bool accepted = session.trace().tls_accepted();
    return {.verdict = accepted ? Verdict::accepted : Verdict::unconfirmed,
            .failure = application_failure(Reason::application_timeout, "no answer in time")};
  }
  if (answer.end == End::flooded)
    return {.verdict = Verdict::unconfirmed, .failure = application_failure(Reason::application_protocol, "flooded")};
  if (judged) return ended(session);
  return {.verdict = Verdict::unconfirmed,
          .failure = application_failure(Reason::application_protocol, "closed without an answer")};
}

asio::awaitable<Conclusion> by_asking(tls::Session& session, const protocols::Protocol& protocol, protocols::Question question,
                                      const config::Http& http) {
  // Read before writing: a write into a connection that the server already refused can turn the unread alert into a bare reset.
  if (judged_by_tls(session) && !session.trace().finished_after_certificate) {
    const Heard heard = co_await listen(session, true);
    if (heard.end == End::flooded) co_return unanswered(session, {.end = End::flooded});
    if (heard.end != End::ok && heard.end != End::too_late) co_return ended(session);
  }
  question.alpn = session.negotiated().alpn;
  const protocols::Answer answer = co_await protocol.ask(session, std::move(question));
  if (answer.status) co_return answered(session, answer, http);
  co_return unanswered(session, answer);
}

bool contains(const std::vector<config::StatusRange>& ranges, int status) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const config::StatusRange& range) { return range.first <= status && status <= range.last; });
}

}  // namespace

std::chrono::nanoseconds settle_time(std::chrono::nanoseconds round_trip) {
  return std::max<std::chrono::nanoseconds>(2 * round_trip, std::chrono::milliseconds(50));
}

bool refuses_certificate(int status, std::string_view body, const std::vector<config::StatusRange>& refused) {
  if (status == 495 || status == 496 || contains(refused, status)) return true;
  // nginx's own pages: "400 No required SSL certificate was sent", "400 The SSL certificate error".
  return status == 400 && (body.find("No required SSL certificate was sent") != std::string_view::npos ||
                           body.find("The SSL certificate error") != std::string_view::npos);
}

bool accepts_status(int status, const std::vector<config::StatusRange>& accepted) {
  return accepted.empty() || contains(accepted, status);
}

asio::awaitable<Conclusion> conclude(tls::Session& session, const protocols::Protocol& protocol, protocols::Question question,
                                     const config::Http& http, bool offered) {
  if (protocol.ask == nullptr) co_return co_await by_listening(session, offered);
  co_return co_await by_asking(session, protocol, std::move(question), http);
}

}  // namespace probes::client_auth
