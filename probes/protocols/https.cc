#include "probes/protocols/dialogues.h"
#include "probes/protocols/http1.h"
#include "probes/protocols/http2.h"

namespace probes::protocols {

asio::awaitable<Answer> https(net::Stream& stream, Question question) {
  if (question.alpn == "h2") co_return co_await http2(stream, std::move(question));
  co_return co_await http1(stream, std::move(question));
}

}  // namespace probes::protocols
