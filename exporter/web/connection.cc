#include "exporter/web/connection.h"

#include <array>

#include "exporter/web/answer.h"
#include "exporter/web/response_head.h"

namespace exporter::web {
namespace {

constexpr std::size_t read_at_once = 4096;             // a scraper's request fits
constexpr std::size_t ignored_at_the_end = 256 * 1024;  // bytes read and dropped so that the peer reads our answer, not a reset

using Clock = std::chrono::steady_clock;

}  // namespace

Connection::Connection(Premises& premises, Descriptor descriptor)
    : premises_(premises), channel_(std::make_shared<Channel>(premises.io, std::move(descriptor))) {
  enter(Phase::awaiting_peer, premises.limits.request_time);
}

void Connection::enter(Phase next, std::chrono::milliseconds at_most) {
  phase = next;
  phase_began = Clock::now();
  channel_->until(phase_began + at_most);
}

asio::awaitable<void> Connection::serve(std::shared_ptr<Connection> connection) {
  Connection& self = *connection;
  RequestReader reader(self.premises_.limits.request);
  const RequestReader::State state = co_await self.read_request(reader);
  Response response;
  bool with_body = true;
  if (state == RequestReader::State::complete) {
    auto request = std::make_shared<Request>(reader.request());
    request->arrived = Clock::now();
    with_body = request->method != "HEAD";
    response = co_await self.answer(std::move(request));
  } else if (state == RequestReader::State::refused) {
    response = reader.refusal();
  } else {
    if (!self.channel_->expired() || !reader.begun()) co_return;  // gone, dismissed, or silent from the start
    response = Response{.status = 408, .body = "The request did not come in time.\n"};
  }
  co_await self.send(response, with_body);
}

asio::awaitable<RequestReader::State> Connection::read_request(RequestReader& reader) {
  std::array<char, read_at_once> buffer;
  RequestReader::State state = RequestReader::State::more;
  while (state == RequestReader::State::more) {
    const std::size_t size = co_await channel_->read(buffer.data(), buffer.size());
    if (size == 0) break;
    state = reader.take({buffer.data(), size});
  }
  co_return state;
}

asio::awaitable<Response> Connection::answer(RequestPtr request) {
  const auto found = premises_.router.find(*request);
  if (const Response* refusal = std::get_if<Response>(&found)) co_return *refusal;
  enter(Phase::answering, premises_.limits.answer_time);
  co_return co_await answer_of(premises_, *std::get<const Handler*>(found), std::move(request));
}

asio::awaitable<void> Connection::send(const Response& response, bool with_body) {
  enter(Phase::sending, premises_.limits.sending_time);
  const std::string head = response_head(response, std::chrono::system_clock::now());
  if (!co_await channel_->write(head)) co_return;
  if (with_body && !co_await channel_->write(response.body.text())) co_return;
  channel_->finish();
  enter(Phase::awaiting_peer, premises_.limits.farewell_time);
  std::array<char, read_at_once> buffer;
  for (std::size_t ignored = 0; ignored < ignored_at_the_end;) {
    const std::size_t size = co_await channel_->read(buffer.data(), buffer.size());
    if (size == 0) break;
    ignored += size;
  }
}

}  // namespace exporter::web
