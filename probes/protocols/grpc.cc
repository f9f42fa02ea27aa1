// gRPC: grpc.health.v1.Health/Check over HTTP/2. Any status of gRPC is an answer; that it does not know the service is one, too.
#include <utility>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/http2.h"

namespace probes::protocols {

Asking grpc_ask(net::Stream& stream, Question question) {
  question.method = "POST";
  question.path = "/grpc.health.v1.Health/Check";
  question.headers = {{"content-type", "application/grpc"}, {"te", "trailers"}};
  question.body.assign(5, '\0');  // one message, not compressed, of no octets: the server's overall health
  Answer answer = co_await http2(stream, std::move(question));
  // The status of HTTP is 200 whatever gRPC says; another one comes from something in between.
  if (answer.status == 200) {
    answer.status.reset();
    answer.answered = true;
  }
  co_return answer;
}

}  // namespace probes::protocols
