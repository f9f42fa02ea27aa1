#include "exporter/web/connection.h"

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <cstdio>

#include "exporter/web/answer.h"
#include "exporter/web/authorization.h"
#include "exporter/web/response_head.h"
#include "probes/observations/wall_time.h"

namespace exporter::web {
namespace {

constexpr std::size_t read_at_once = 4096;   // bytes; a scraper's request fits
constexpr unsigned char tls_handshake = 22;  // RFC 8446 5.1: the first byte of a ClientHello's record

using Clock = std::chrono::steady_clock;
using State = RequestReader::State;

// Made outside of coroutines: g++ 12 destroys some aggregates written inside them twice.
Response simple(int status, const char* text) { return {.status = status, .body = text}; }

// RFC 9112 7.1.
std::string chunk_head(std::size_t size) {
  std::array<char, 24> text;
  const int length = std::snprintf(text.data(), text.size(), "%zx\r\n", size);
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace

Connection::Connection(ServerState& server, Descriptor descriptor)
    : server_(server), policy_(server.policy), channel_(std::make_shared<Channel>(server.io, std::move(descriptor))) {
  enter(Phase::awaiting_peer, server.limits.request_time);
}

Connection::~Connection() {
  nobody_waits_.request_stop();
  server_.connections.leave(*this);
}

void Connection::enter(Phase next, std::chrono::milliseconds at_most) {
  phase = next;
  phase_began = Clock::now();
  channel_->until(phase_began + at_most);
}

asio::awaitable<void> Connection::serve(std::shared_ptr<Connection> connection) {
  Connection& self = *connection;
  if (!co_await self.secured()) co_return;
  RequestReader reader(self.server_.limits.request);
  const State state = co_await self.read_request(reader);
  auto response = co_await self.response_to(reader, state);
  const bool complete = state == State::complete;
  if (response)
    co_await self.send(std::move(*response), !complete || reader.request().method != "HEAD",
                       complete && reader.request().http_1_0);
}

// Shakes hands where the policy asks for TLS. False when there is nothing left to do for this peer.
asio::awaitable<bool> Connection::secured() {
  if (!policy_->tls) co_return true;
  const auto first = co_await channel_->first_byte();
  if (!first) co_return false;
  if (*first == tls_handshake) {
    if (co_await channel_->accept_tls(policy_->tls->context())) co_return true;
    co_await leave();
    co_return false;
  }
  RequestReader reader(server_.limits.request);
  Response advice = simple(400, "This port speaks TLS: ask with https://.\n");
  if (co_await read_request(reader) != State::more) co_await send(std::move(advice), true, false);
  co_return false;
}

asio::awaitable<State> Connection::read_request(RequestReader& reader) {
  std::array<char, read_at_once> buffer;
  State state = State::more;
  while (state == State::more) {
    const std::size_t size = co_await channel_->read(buffer.data(), buffer.size());
    if (size == 0) break;
    state = reader.take({buffer.data(), size});
  }
  co_return state;
}

// Absent for a peer that has gone, was closed, or was silent from the start.
asio::awaitable<std::optional<Response>> Connection::response_to(RequestReader& reader, State state) {
  if (state == State::refused) co_return reader.refusal();
  if (state == State::complete) {
    auto request = std::make_shared<Request>(reader.request());
    request->arrived = Clock::now();
    request->gone = nobody_waits_.get_token();
    co_return co_await answer(std::move(request));
  }
  if (!channel_->expired() || !reader.begun()) co_return std::nullopt;
  co_return simple(408, "The request did not come in time.\n");
}

asio::awaitable<Response> Connection::answer(RequestPtr request) {
  enter(Phase::answering, server_.limits.answer_time);
  if (auto refusal = co_await refusal_of(server_, policy_, request)) co_return std::move(*refusal);
  const auto found = server_.router.find(*request);
  if (const Response* refusal = std::get_if<Response>(&found)) co_return *refusal;
  asio::co_spawn(server_.io, watch(shared_from_this()), asio::detached);
  Response response = co_await answer_of(server_, *std::get<const Handler*>(found), std::move(request));
  channel_->look_away();
  co_return response;
}

// Says when the peer went while its answer was being made. One that has only finished sending cannot be told from it.
asio::awaitable<void> Connection::watch(std::shared_ptr<Connection> connection) {
  const bool ended = co_await connection->channel_->watch_for_the_end();
  if (ended) connection->nobody_waits_.request_stop();
}

// A body that breaks off must not be taken for the whole: it ends without its last chunk, and where the end of the connection
// would be that of the body, with a reset.
asio::awaitable<void> Connection::send(Response response, bool with_body, bool http_1_0) {
  enter(Phase::sending, server_.limits.sending_time);
  const Framing framing = framing_of(response.body, http_1_0);
  const std::string head = response_head(response, framing, policy_->headers, probes::observations::wall_now());
  bool sent = co_await channel_->write(head);
  if (sent && with_body) sent = co_await send_pieces(std::move(response.body), framing == Framing::chunked);
  if (sent) co_await leave();
  else if (framing == Framing::until_close) channel_->cut();
}

asio::awaitable<bool> Connection::send_pieces(Body body, bool chunked) {
  std::string before;  // the chunk: the end of that before it, and its own length
  while (!body.text().empty()) {
    if (chunked) before += chunk_head(body.text().size());
    if (!co_await channel_->write(before)) co_return false;
    if (!co_await channel_->write(body.text())) co_return false;
    if (chunked) before = "\r\n";
    if (body.last()) break;
    auto next = co_await next_piece(server_, std::move(body));
    if (!next) co_return false;
    body = std::move(*next);
  }
  if (!chunked) co_return true;
  before += "0\r\n\r\n";
  co_return co_await channel_->write(before);
}

asio::awaitable<void> Connection::leave() {
  enter(Phase::awaiting_peer, server_.limits.farewell_time);
  co_await channel_->leave();
}

}  // namespace exporter::web
