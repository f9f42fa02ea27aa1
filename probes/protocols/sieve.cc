// ManageSieve (RFC 5804): the server tells its capabilities unasked, before STARTTLS and after it.
#include <utility>

#include "probes/bytes/base64.h"
#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

struct Response {
  Piece piece = {};  // not ok: how the reading ended
  bool starttls = false;
  bool ok = false, no = false;
  std::string said;
};

bool begins(const std::string& line, std::string_view word) {
  return equal_words(std::string_view(line).substr(0, word.size()), word) &&
         (line.size() == word.size() || line[word.size()] == ' ' || line[word.size()] == '(');
}

// Up to OK, NO or BYE; other lines are capabilities, each begun by a quoted word.
asio::awaitable<Response> response(Reader& reader) {
  Response answer;
  for (;;) {
    answer.piece = co_await reader.line();
    if (!answer.piece.ok()) co_return answer;
    const std::string& line = answer.piece.text;
    answer.ok = begins(line, "OK");
    answer.no = begins(line, "NO") || begins(line, "BYE");
    answer.said = line;
    if (answer.ok || answer.no || !line.starts_with('"')) co_return answer;
    if (equal_words(std::string_view(line).substr(0, 10), "\"STARTTLS\"")) answer.starttls = true;
  }
}

}  // namespace

Upgrading sieve_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  const Response greeting = co_await response(reader);
  if (!greeting.piece.ok()) co_return stopped(greeting.piece);
  if (greeting.no) co_return refused(greeting.said);
  if (!greeting.ok) co_return malformed(greeting.said);
  if (!greeting.starttls) co_return refused("it does not offer STARTTLS");
  const Piece said = co_await reader.say("STARTTLS\r\n");
  if (!said.ok()) co_return stopped(said);
  const Response answer = co_await response(reader);
  if (!answer.piece.ok()) co_return stopped(answer.piece);
  if (answer.no) co_return refused(answer.said);
  co_return answer.ok ? agreed(reader) : malformed(answer.said);
}

Asking sieve_ask(net::Stream& stream, Question question) {
  Reader reader(stream);
  Response answer = co_await response(reader);
  if (answer.piece.ok() && answer.ok && !question.user.empty()) {
    const std::string login = "AUTHENTICATE \"PLAIN\" \"" + bytes::base64('\0' + question.user + '\0') + "\"\r\n";
    answer.piece = co_await reader.say(login);
    if (answer.piece.ok()) answer = co_await response(reader);
  }
  if (!answer.piece.ok()) co_return unread(reader, answer.piece);
  if (!answer.ok && !answer.no) co_return nonsense(answer.said);
  Answer said = answered(answer.said, answer.no && speaks_of_certificate(answer.said));
  co_return question.user.empty() ? unsettled(std::move(said)) : std::move(said);
}

}  // namespace probes::protocols
