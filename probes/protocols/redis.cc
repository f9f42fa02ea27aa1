// Redis: PING. NOAUTH asks for a password and refuses no certificate.
#include <utility>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

Asking redis_ask(net::Stream& stream, Question) {
  Reader reader(stream);
  Piece answer = co_await reader.say("PING\r\n");
  if (answer.ok()) answer = co_await reader.line();
  if (!answer.ok()) co_return unread(reader, answer);
  const bool error = answer.text.starts_with('-');
  if (!error && !answer.text.starts_with('+')) co_return nonsense(answer.text);
  co_return answered(answer.text, error && speaks_of_certificate(answer.text));
}

}  // namespace probes::protocols
