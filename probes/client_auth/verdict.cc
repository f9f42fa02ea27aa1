#include "probes/client_auth/verdict.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "probes/protocols/http1.h"
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

// How the listening after the handshake ended: too_late when the server neither closed nor failed.
struct Heard {
  End end = End::too_late;
  bool settled = false;  // acceptance by TLS was followed by a settle time without an end
  std::string text;      // the beginning of what came unasked; hostile
};

bool judged_by_tls(const tls::Session& session) { return session.trace().certificate_answered; }

// What a server said unasked, in whatever protocol. Only a known refusal in it means anything.
asio::awaitable<End> take_bytes(tls::Session& session, std::string& text) {
  std::array<char, 4096> buffer{};
  const net::Transfer transfer = co_await session.read_some(buffer);
  const std::size_t room = protocols::answer_text_limit - std::min(protocols::answer_text_limit, text.size());
  text.append(buffer.data(), std::min(room, transfer.bytes));
  co_return transfer.end;
}

// Listens until the server hung up, or stayed with us for a settle time after accepting us in TLS. With `before_asking` a quiet
// settle time is enough even without a ticket, and so are bytes: the question itself will bring the answer.
asio::awaitable<Heard> listen(tls::Session& session, bool before_asking) {
  const auto settle = settle_time(session.trace().round_trip());
  const Moment give_up =
      from_now(before_asking || !judged_by_tls(session) ? settle : std::max<std::chrono::nanoseconds>(patience, settle));
  const tls::Trace& trace = session.trace();
  bool asked_late = trace.requested_late;
  bool accepted = trace.tls_accepted();
  Moment until = accepted ? from_now(settle) : give_up;
  Heard heard;
  for (;;) {
    heard.end = co_await session.listen(until);
    if (heard.end == End::ok && session.application_bytes_waiting()) {
      if (before_asking) co_return heard;
      heard.end = co_await take_bytes(session, heard.text);
    }
    heard.settled = heard.end == End::too_late && accepted;
    if (heard.end != End::ok) co_return heard;
    if (std::chrono::steady_clock::now() >= until) {  // it talks on and on
      heard.end = End::too_late;
      heard.settled = accepted;
      co_return heard;
    }
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

Failure refusal_by_application(std::string said) {
  return {.stage = Stage::client_certificate, .reason = Reason::refused_by_application, .alert = {}, .detail = std::move(said)};
}

// nginx's own pages: "400 No required SSL certificate was sent", "400 The SSL certificate error".
std::string_view refusal_in_words(std::string_view text) {
  for (const std::string_view words : {"No required SSL certificate was sent", "The SSL certificate error"})
    if (text.find(words) != std::string_view::npos) return words;
  return {};
}

bool refuses_in_words(std::string_view text) { return !refusal_in_words(text).empty(); }

// What a server does by itself must do where nothing is asked.
asio::awaitable<Conclusion> by_listening(tls::Session& session, bool offered) {
  if (!judged_by_tls(session) && !offered) co_return Conclusion{.verdict = Verdict::not_requested};
  const Heard heard = co_await listen(session, false);
  if (!judged_by_tls(session)) co_return Conclusion{.verdict = Verdict::not_requested};
  if (refuses_in_words(heard.text))
    co_return Conclusion{.verdict = Verdict::rejected,
                         .failure = refusal_by_application("it said so unasked: " + std::string(refusal_in_words(heard.text)))};
  if (heard.settled) co_return Conclusion{.verdict = Verdict::accepted};
  if (heard.end == End::too_late) co_return Conclusion{.verdict = Verdict::unconfirmed};
  const bool alert = session.trace().fatal_alert.has_value();
  if (!heard.text.empty() && !alert && heard.end != End::flooded) co_return Conclusion{.verdict = Verdict::unconfirmed};
  co_return ended(session);
}

// What the server may yet refuse us in is not asked: HTTP, in which nginx refuses whom TLS lets in, or a login.
asio::awaitable<Conclusion> unasked(tls::Session& session, bool offered) {
  Conclusion conclusion = co_await by_listening(session, offered);
  conclusion.unasked = !conclusion.failure;
  if (!conclusion.failure) conclusion.verdict = Verdict::unconfirmed;  // it may refuse, and even ask, in what it was not asked in
  co_return conclusion;
}

Failure application_failure(Reason reason, std::string detail) {
  return {.stage = Stage::application, .reason = reason, .alert = {}, .detail = std::move(detail)};
}

// `strict`: the answer itself must be as expected; else it is there for the verdict alone.
Conclusion answered(const tls::Session& session, const protocols::Answer& answer, const config::Http& http, bool strict) {
  Conclusion conclusion{.verdict = judged_by_tls(session) ? Verdict::accepted : Verdict::not_requested,
                        .failure = {},
                        .status = answer.status,
                        .answered = true};
  if (!answer.status) {  // the protocol has none, or our stream was reset
    conclusion.let_in = answer.answered && answer.settles && !answer.refuses;
    if (!answer.refuses || !judged_by_tls(session)) return conclusion;
    conclusion.verdict = Verdict::rejected;
    conclusion.failure = refusal_by_application(answer.text);
    return conclusion;
  }
  const int status = *answer.status;
  std::string said = "HTTP " + std::to_string(status);
  const bool refuses = refuses_certificate(status, answer.text, http.refused_status);
  // A server that never asked has judged no certificate, whatever its pages say.
  if (refuses && judged_by_tls(session)) {
    if (refuses_in_words(answer.text)) said.append(": ").append(refusal_in_words(answer.text));
    conclusion.verdict = Verdict::rejected;
    conclusion.failure = refusal_by_application(std::move(said));
  } else if ((refuses && strict) || !accepts_status(status, http.accepted_status)) {
    conclusion.failure = application_failure(Reason::http_status, said);
  }
  return conclusion;
}

// The question got no answer that could be read.
Conclusion unanswered(const tls::Session& session, const protocols::Answer& answer, bool strict) {
  const auto because = [&](Reason reason, const char* detail) -> std::optional<Failure> {
    return strict ? std::optional(application_failure(reason, detail)) : std::nullopt;
  };
  const bool judged = judged_by_tls(session);
  const bool closed = answer.end == End::closed || answer.end == End::reset || answer.end == End::failed;
  if (judged && closed && !answer.any) return ended(session);
  if (judged && closed && session.trace().fatal_alert) return ended(session);
  Conclusion conclusion{.verdict = Verdict::unconfirmed};
  if (answer.malformed) {
    conclusion.failure = because(Reason::application_protocol, "the answer is none of this protocol");
  } else if (answer.end == End::too_late) {
    // The settle time has long passed: what TLS accepted stays accepted, where the application has no more to say in it.
    if (strict && session.trace().tls_accepted()) conclusion.verdict = Verdict::accepted;
    conclusion.failure = because(Reason::application_timeout, "no answer in time");
  } else {
    const char* what = answer.end == End::flooded ? "flooded"
                       : answer.refused_stream    ? "the stream was reset"
                                                  : "closed without an answer";
    conclusion.failure = because(Reason::application_protocol, what);
  }
  return conclusion;
}

asio::awaitable<Conclusion> by_asking(tls::Session& session, const protocols::Protocol& protocol, protocols::Question question,
                                      const config::Http& http) {
  const bool strict = protocol.asked != protocols::Asked::where_negotiated;
  // Read before writing: a write into a connection that the server already refused can turn the unread alert into a bare reset.
  if (judged_by_tls(session) && !session.trace().finished_after_certificate) {
    const Heard heard = co_await listen(session, true);
    if (heard.end == End::flooded) {
      const protocols::Answer flood{.end = End::flooded};
      co_return unanswered(session, flood, strict);
    }
    if (heard.end != End::ok && heard.end != End::too_late) co_return ended(session);
  }
  question.alpn = session.negotiated().alpn;
  const protocols::Answer answer = co_await protocol.ask(session, std::move(question));
  if (answer.status || answer.answered || (answer.refused_stream && !strict)) {
    Conclusion conclusion = answered(session, answer, http, strict);
    if (!answer.settles && conclusion.verdict == Verdict::accepted) {
      conclusion.verdict = Verdict::unconfirmed;
      conclusion.unasked = true;
    }
    co_return conclusion;
  }
  co_return unanswered(session, answer, strict);
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
  return status == 400 && refuses_in_words(body);
}

bool accepts_status(int status, const std::vector<config::StatusRange>& accepted) {
  return accepted.empty() || contains(accepted, status);
}

asio::awaitable<Conclusion> conclude(tls::Session& session, const protocols::Protocol& protocol, protocols::Question question,
                                     const config::Http& http, bool offered) {
  using protocols::Asked;
  const bool http_chosen = protocols::is_http(session.negotiated().alpn);
  const bool asks = protocol.asked == Asked::always || (protocol.asked == Asked::with_user && !question.user.empty());
  if (asks || (protocol.asked == Asked::where_negotiated && http_chosen))
    co_return co_await by_asking(session, protocol, std::move(question), http);
  if (http_chosen || protocol.refuses_at_login) co_return co_await unasked(session, offered);
  co_return co_await by_listening(session, offered);
}

}  // namespace probes::client_auth
