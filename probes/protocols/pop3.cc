// POP3 (RFC 2595 4).
#include <utility>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

bool is_ok(const std::string& line) { return equal_words(std::string_view(line).substr(0, 3), "+OK"); }
bool is_error(const std::string& line) { return equal_words(std::string_view(line).substr(0, 4), "-ERR"); }

}  // namespace

Upgrading pop3_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  const Piece greeting = co_await reader.line();
  if (!greeting.ok()) co_return stopped(greeting);
  if (is_error(greeting.text)) co_return refused(greeting.text);
  if (!is_ok(greeting.text)) co_return malformed(greeting.text);
  Piece answer = co_await reader.say("STLS\r\n");
  if (answer.ok()) answer = co_await reader.line();
  if (!answer.ok()) co_return stopped(answer);
  if (is_error(answer.text)) co_return refused(answer.text);
  co_return is_ok(answer.text) ? agreed(reader) : malformed(answer.text);
}

Asking pop3_ask(net::Stream& stream, Question question) {
  Reader reader(stream);
  const std::string words = question.user.empty() ? "CAPA\r\n" : "USER " + question.user + "\r\n";
  Piece answer = co_await reader.say(words);
  if (answer.ok()) answer = co_await reader.line();
  if (answer.ok() && !question.user.empty() && is_ok(answer.text)) {
    answer = co_await reader.say("PASS \r\n");
    if (answer.ok()) answer = co_await reader.line();
  }
  if (!answer.ok()) co_return unread(reader, answer);
  if (!is_ok(answer.text) && !is_error(answer.text)) co_return nonsense(answer.text);
  Answer said = answered(answer.text, is_error(answer.text) && speaks_of_certificate(answer.text));
  co_return question.user.empty() ? unsettled(std::move(said)) : std::move(said);
}

}  // namespace probes::protocols
