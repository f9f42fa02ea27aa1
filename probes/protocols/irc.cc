// IRC with STARTTLS (IRCv3's tls extension): the numeric 670 agrees, 691 refuses.
#include <algorithm>
#include <utility>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

// The second word of a line that has a source (":server 670 * :text"), the first of one that has none.
std::string verb_of(const std::string& line) {
  std::size_t from = 0;
  if (line.starts_with(':')) from = std::min(line.find(' '), line.size());
  from = std::min(line.find_first_not_of(' ', from), line.size());
  return line.substr(from, std::min(line.find(' ', from), line.size()) - from);
}

}  // namespace

Upgrading irc_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  Piece line = co_await reader.say("STARTTLS\r\n");
  while (line.ok()) {
    line = co_await reader.line();
    if (!line.ok()) break;
    const std::string verb = verb_of(line.text);
    if (verb == "670") co_return agreed(reader);
    if (verb == "691" || verb == "421" || verb == "ERROR") co_return refused(line.text);
    if (verb == "451") co_return needs_authentication(line.text);
    if (verb == "PING") continue;
    if (verb != "NOTICE" && verb != "020") co_return malformed(line.text);
  }
  co_return stopped(line);
}

Asking irc_ask(net::Stream& stream, Question) {
  Reader reader(stream);
  Piece line = co_await reader.say("PING :mtls_exporter\r\n");
  while (line.ok()) {
    line = co_await reader.line();
    if (!line.ok()) break;
    const std::string verb = verb_of(line.text);
    if (verb == "NOTICE") continue;
    co_return answered(line.text, verb == "ERROR" && speaks_of_certificate(line.text));
  }
  co_return unread(reader, line);
}

}  // namespace probes::protocols
