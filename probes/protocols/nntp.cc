// NNTP (RFC 4642).
#include <utility>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/reply.h"

namespace probes::protocols {

Upgrading nntp_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  const Reply greeting = co_await read_reply(reader);
  if (!greeting.ok()) co_return no_reply(greeting);
  if (greeting.code != 200 && greeting.code != 201) co_return refused(greeting.said());
  // Its list of capabilities may hide STARTTLS from who it does not know: it is asked all the same.
  const Reply answer = co_await command(reader, "STARTTLS");
  if (!answer.ok()) co_return no_reply(answer);
  if (answer.code == 480) co_return needs_authentication(answer.said());
  co_return answer.code == 382 ? agreed(reader) : refused(answer.said());
}

Asking nntp_ask(net::Stream& stream, Question) {
  Reader reader(stream);
  const Reply reply = co_await command(reader, "DATE");
  if (!reply.ok()) co_return no_answer(reader, reply);
  co_return answered(reply.said(), reply.kind() >= 4 && speaks_of_certificate(reply.said()));
}

}  // namespace probes::protocols
