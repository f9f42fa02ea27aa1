// FTP (RFC 4217): AUTH TLS on the control connection.
#include <utility>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/reply.h"

namespace probes::protocols {

Upgrading ftp_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  Reply greeting = co_await read_reply(reader);
  while (greeting.ok() && greeting.kind() == 1) greeting = co_await read_reply(reader);  // "120 ready in 3 minutes"
  if (!greeting.ok()) co_return no_reply(greeting);
  if (greeting.code != 220) co_return refused(greeting.said());
  const Reply answer = co_await command(reader, "AUTH TLS");
  if (!answer.ok()) co_return no_reply(answer);
  if (answer.code == 530 || answer.code == 332) co_return needs_authentication(answer.said());
  co_return answer.code == 234 ? agreed(reader) : refused(answer.said());
}

Asking ftp_ask(net::Stream& stream, Question) {
  Reader reader(stream);
  const Reply reply = co_await command(reader, "NOOP");
  if (!reply.ok()) co_return no_answer(reader, reply);
  co_return answered(reply.said(), reply.kind() >= 4 && speaks_of_certificate(reply.said()));
}

}  // namespace probes::protocols
