#include "exporter/web/answer.h"

#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <optional>

#include "exporter/web/negotiate.h"

namespace exporter::web {
namespace {

// Where the connection waits. Only the connection owns it, so a late reply finds nothing and does no harm.
struct Seat {
  explicit Seat(asio::io_context& io) : patience(io) {}
  asio::steady_timer patience;
  std::optional<Response> response;
};

// Both are held weakly: replies may outlive the connection and the server.
Reply reply_to(const std::weak_ptr<Premises>& to, const std::weak_ptr<Seat>& waiting, const RequestPtr& request) {
  return [to, waiting, request](Response response) {
    const auto premises = to.lock();
    if (!premises) return;
    compress(*request, response);
    asio::post(premises->io, [waiting, response = std::move(response)]() mutable {
      const auto seat = waiting.lock();
      if (!seat || seat->response) return;
      seat->response = std::move(response);
      seat->patience.cancel();
    });
  };
}

void run(const Handler& handler, const RequestPtr& request, const Reply& reply) {
  try {
    handler(request, reply);
  } catch (const std::exception&) {
    reply({.status = 500, .body = "The request could not be answered.\n"});
  }
}

}  // namespace

asio::awaitable<Response> answer_of(Premises& premises, const Handler& handler, RequestPtr request) {
  const auto seat = std::make_shared<Seat>(premises.io);
  const Reply reply = reply_to(premises.weak_from_this(), seat, request);
  asio::post(premises.handlers, [&handler, request, reply] { run(handler, request, reply); });
  seat->patience.expires_after(premises.limits.answer_time);
  asio::error_code ignored;
  co_await seat->patience.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!seat->response) co_return Response{.status = 503, .body = "No answer in time.\n"};
  co_return std::move(*seat->response);
}

}  // namespace exporter::web
