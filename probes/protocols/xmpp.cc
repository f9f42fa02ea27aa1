// XMPP (RFC 6120 5): a stream is opened, <starttls/> is asked for among its features, <proceed/> agrees. Of the XML only the few
// tags are looked for that decide.
#include <array>
#include <utility>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

constexpr std::array<std::string_view, 4> features_end = {"</stream:features>", "<stream:features/>", "</stream:error>",
                                                          "</stream:stream>"};
constexpr std::array<std::string_view, 4> answer_end = {"<proceed", "<failure", "<stream:error", "</stream:stream>"};

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') result += "&amp;";
    else if (c == '<') result += "&lt;";
    else if (c == '\'') result += "&apos;";
    else result += c;
  }
  return result;
}

// `from`: the domain that a server claims to be; empty: none.
std::string open_stream(const Question& question, std::string_view space, const std::string& from = {}) {
  return "<?xml version='1.0'?><stream:stream to='" + escaped(question.server) + "'" +
         (from.empty() ? "" : " from='" + escaped(from) + "'") + " xmlns='" + std::string(space) +
         "' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
}

// Up to the end of the stream's features.
asio::awaitable<Piece> features(Reader& reader, const std::string& opening) {
  Piece piece = co_await reader.say(opening);
  if (piece.ok()) piece = co_await reader.until_any(features_end);
  co_return piece;
}

bool is_error(const std::string& text) { return text.find("<stream:error") != std::string::npos; }
bool is_stream(const std::string& text) { return text.find("<stream:stream") != std::string::npos; }
bool is_over(const std::string& text) { return is_error(text) || text.ends_with("</stream:stream>"); }

Upgrading starttls(net::Stream& stream, std::string opening) {
  Reader reader(stream);
  const Piece offer = co_await features(reader, opening);
  if (!offer.ok()) co_return stopped(offer);
  if (!is_stream(offer.text)) co_return malformed(offer.text);
  if (is_over(offer.text)) co_return refused(offer.text.substr(offer.text.find("<stream:stream")));
  if (offer.text.find("<starttls") == std::string::npos) co_return refused("it does not offer STARTTLS");
  Piece answer = co_await reader.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  if (answer.ok()) answer = co_await reader.until_any(answer_end);
  if (!answer.ok()) co_return stopped(answer);
  if (!answer.text.ends_with("<proceed")) co_return refused(answer.text);
  const Piece rest = co_await reader.until(">");
  if (!rest.ok()) co_return stopped(rest);
  if (!rest.text.ends_with("/>")) {  // <proceed xmlns='...'></proceed>
    const Piece close = co_await reader.until(">");
    if (!close.ok()) co_return stopped(close);
  }
  co_return agreed(reader);
}

Asking ask(net::Stream& stream, std::string opening) {
  Reader reader(stream);
  const Piece answer = co_await features(reader, opening);
  if (!answer.ok()) co_return unread(reader, answer);
  if (!is_stream(answer.text)) co_return nonsense(answer.text);
  co_return answered(is_error(answer.text) ? answer.text : "stream features",
                     is_error(answer.text) && speaks_of_certificate(answer.text));
}

constexpr std::string_view client_space = "jabber:client";
constexpr std::string_view server_space = "jabber:server";

}  // namespace

Upgrading xmpp_client_starttls(net::Stream& stream, const Question& question) {
  return starttls(stream, open_stream(question, client_space));
}
Upgrading xmpp_server_starttls(net::Stream& stream, const Question& question) {
  return starttls(stream, open_stream(question, server_space, question.user));
}
Asking xmpp_client_ask(net::Stream& stream, Question question) { return ask(stream, open_stream(question, client_space)); }

// A server's certificate is judged for the domain that it claims: without one a refusal, too, may be for want of it.
Asking xmpp_server_ask(net::Stream& stream, Question question) {
  Answer answer = co_await ask(stream, open_stream(question, server_space, question.user));
  if (!question.user.empty() || !answer.answered) co_return answer;
  answer.refuses = false;
  co_return unsettled(std::move(answer));
}

}  // namespace probes::protocols
