// IMAP (RFC 9051 6.2.1): tagged commands.
#include <utility>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

struct Tagged {
  Piece piece = {};          // not ok: how the reading ended
  std::string capabilities;  // in capitals
  std::string result;        // what follows the tag: "OK Begin TLS negotiation now."
  bool bye = false;

  bool is(std::string_view word) const { return equal_words(std::string_view(result).substr(0, word.size()), word); }
};

// Says `text` under `tag`, and reads to the line of that tag.
asio::awaitable<Tagged> command(Reader& reader, std::string tag, std::string text) {
  Tagged answer;
  const std::string line = tag + " " + text + "\r\n";
  answer.piece = co_await reader.say(line);
  while (answer.piece.ok()) {
    answer.piece = co_await reader.line();
    const std::string& said = answer.piece.text;
    if (said.starts_with("* ")) {
      const std::string words = upper(said.substr(2));
      if (words.starts_with("CAPABILITY")) answer.capabilities = words + " ";
      if (words.starts_with("BYE")) {
        answer.bye = true;
        answer.result = said.substr(2);
        break;
      }
    } else if (said.starts_with(tag + " ")) {
      answer.result = said.substr(tag.size() + 1);
      break;
    } else if (answer.piece.ok()) {
      break;  // neither: no IMAP
    }
  }
  co_return answer;
}

}  // namespace

Upgrading imap_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  const Piece greeting = co_await reader.line();
  if (!greeting.ok()) co_return stopped(greeting);
  const std::string words = upper(greeting.text);
  if (words.starts_with("* BYE")) co_return refused(greeting.text.substr(2));
  if (words.starts_with("* PREAUTH")) co_return refused("it takes us for authenticated already, and does no STARTTLS then");
  if (!words.starts_with("* OK")) co_return malformed(greeting.text);
  const Tagged offer = co_await command(reader, "a1", "CAPABILITY");
  if (!offer.piece.ok()) co_return stopped(offer.piece);
  if (offer.bye) co_return refused(offer.result);
  if (offer.result.empty()) co_return malformed(offer.piece.text);
  if (offer.capabilities.find(" STARTTLS ") == std::string::npos) co_return refused("it does not offer STARTTLS");
  const Tagged answer = co_await command(reader, "a2", "STARTTLS");
  if (!answer.piece.ok()) co_return stopped(answer.piece);
  if (answer.result.empty()) co_return malformed(answer.piece.text);
  co_return answer.is("OK") ? agreed(reader) : refused(answer.result);
}

// A server that turns away who has no valid certificate may do so as late as at the login, and before it looks at the password.
Asking imap_ask(net::Stream& stream, Question question) {
  Reader reader(stream);
  const std::string words = question.user.empty() ? "CAPABILITY" : "LOGIN " + in_quotes(question.user) + " \"\"";
  const Tagged answer = co_await command(reader, "a3", words);
  if (!answer.piece.ok()) co_return unread(reader, answer.piece);
  if (answer.result.empty()) co_return nonsense(answer.piece.text);
  Answer said = answered(answer.result, !answer.is("OK") && speaks_of_certificate(answer.result));
  co_return question.user.empty() ? unsettled(std::move(said)) : std::move(said);
}

}  // namespace probes::protocols
