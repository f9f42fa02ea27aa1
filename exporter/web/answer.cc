#include "exporter/web/answer.h"

#include <asio/post.hpp>
#include <exception>
#include <utility>

#include "exporter/log.h"
#include "exporter/web/delivery.h"
#include "exporter/web/negotiate.h"

namespace exporter::web {
namespace {

Response too_late() { return {.status = 503, .body = "No answer in time.\n"}; }

void run(const Handler& handler, const RequestPtr& request, const Reply& reply) {
  try {
    handler(request, reply);
  } catch (const std::exception& error) {
    log(LogLevel::error, "request could not be answered", {{"path", request->path}, {"error", error.what()}});
    reply({.status = 500, .body = "The request could not be answered.\n"});
  }
}

std::optional<Body> advanced(Body body) {
  try {
    body.advance();
    return body;
  } catch (const std::exception& error) {
    log(LogLevel::error, "an answer breaks off", {{"error", error.what()}});
    return std::nullopt;
  }
}

}  // namespace

asio::awaitable<Response> answer_of(ServerState& server, const Handler& handler, RequestPtr request) {
  Delivery<Response> delivery(server.shared_io());
  const Reply reply = [request, send = delivery.sender()](Response response) {
    compress(*request, response);
    send(std::move(response));
  };
  asio::post(server.handlers, [&handler, request, reply] { run(handler, request, reply); });
  auto response = co_await delivery.receive(server.limits.answer_time);
  if (!response) co_return too_late();
  co_return std::move(*response);
}

asio::awaitable<std::optional<Body>> next_piece(ServerState& server, Body body) {
  Delivery<std::optional<Body>> delivery(server.shared_io());
  asio::post(server.writers, [send = delivery.sender(), body = std::move(body)]() mutable { send(advanced(std::move(body))); });
  auto next = co_await delivery.receive(server.limits.answer_time);
  if (!next) co_return std::nullopt;
  co_return std::move(*next);
}

}  // namespace exporter::web
