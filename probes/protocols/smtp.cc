// SMTP (RFC 3207) and LMTP (RFC 2033), which greets with LHLO.
#include <algorithm>
#include <utility>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/reply.h"

namespace probes::protocols {

namespace {

// RFC 5321 4.1.3: an address literal stands where we have no name.
std::string hello(std::string_view verb, const Question& question) {
  const bool v6 = question.client.find(':') != std::string::npos;
  return std::string(verb) + " [" + (v6 ? "IPv6:" : "") + (question.client.empty() ? "127.0.0.1" : question.client) + "]";
}

bool offers_starttls(const Reply& reply) {
  return std::ranges::any_of(reply.lines, [](const std::string& line) { return equal_words(line, "STARTTLS"); });
}

Upgrading starttls(net::Stream& stream, const Question& question, std::string_view verb) {
  Reader reader(stream);
  const Reply greeting = co_await read_reply(reader);
  if (!greeting.ok()) co_return no_reply(greeting);
  if (greeting.code != 220) co_return refused(greeting.said());
  const std::string line = hello(verb, question);
  const Reply extensions = co_await command(reader, line);
  if (!extensions.ok()) co_return no_reply(extensions);
  if (extensions.kind() != 2) co_return refused(extensions.said());
  if (!offers_starttls(extensions)) co_return refused("it does not offer STARTTLS");
  const Reply answer = co_await command(reader, "STARTTLS");
  if (!answer.ok()) co_return no_reply(answer);
  if (answer.code == 530) co_return needs_authentication(answer.said());
  co_return answer.code == 220 ? agreed(reader) : refused(answer.said());
}

Asking ask(net::Stream& stream, const Question& question, std::string_view verb) {
  Reader reader(stream);
  const std::string line = hello(verb, question);
  const Reply reply = co_await command(reader, line);
  if (!reply.ok()) co_return no_answer(reader, reply);
  co_return answered(reply.said(), reply.kind() != 2 && speaks_of_certificate(reply.said()));
}

}  // namespace

Upgrading smtp_starttls(net::Stream& stream, const Question& question) { return starttls(stream, question, "EHLO"); }
Upgrading lmtp_starttls(net::Stream& stream, const Question& question) { return starttls(stream, question, "LHLO"); }
Asking smtp_ask(net::Stream& stream, Question question) { co_return co_await ask(stream, question, "EHLO"); }
Asking lmtp_ask(net::Stream& stream, Question question) { co_return co_await ask(stream, question, "LHLO"); }

}  // namespace probes::protocols
