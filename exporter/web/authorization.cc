#include "exporter/web/authorization.h"

#include <asio/post.hpp>
#include <utility>

#include "exporter/web/delivery.h"

namespace exporter::web {
namespace {

Response unauthorized() {
  return {.status = 401,
          .headers = {{"WWW-Authenticate", "Basic realm=\"mtls_exporter\", charset=\"UTF-8\""}},
          .body = "Unauthorized.\n"};
}

Response retry_later(int status, const char* text) { return {.status = status, .headers = {{"Retry-After", "1"}}, .body = text}; }

// A place among the passwords that wait for their turn, given back at the end.
class Place {
 public:
  explicit Place(std::size_t& taken) : taken_(taken) { ++taken_; }
  ~Place() { --taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  std::size_t& taken_;
};

}  // namespace

asio::awaitable<std::optional<Response>> refusal_of(ServerState& server, PolicyPtr policy, RequestPtr request) {
  if (policy->rate_limit && !policy->rate_limit->allow(std::chrono::steady_clock::now()))
    co_return retry_later(429, "Too many requests.\n");
  if (!policy->passwords) co_return std::nullopt;
  const auto credentials = basic_credentials(request->header("authorization"));
  if (!credentials) co_return unauthorized();
  if (policy->passwords->remembers(*credentials)) co_return std::nullopt;
  if (server.passwords_waiting >= server.limits.passwords_waiting) co_return retry_later(503, "Too many logins.\n");
  const Place place(server.passwords_waiting);
  Delivery<bool> delivery(server.shared_io());
  asio::post(server.chores, [policy, credentials, send = delivery.sender()] { send(policy->passwords->check(*credentials)); });
  const auto good = co_await delivery.receive(server.limits.answer_time);
  if (!good || !*good) co_return unauthorized();
  co_return std::nullopt;
}

}  // namespace exporter::web
