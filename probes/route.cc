#include "probes/route.h"

#include <algorithm>
#include <utility>

#include <asio/error.hpp>

#include "probes/net/connect_failure.h"
#include "probes/net/plain_stream.h"
#include "probes/proxy/tunnel.h"

namespace probes {

namespace {

using asio::ip::tcp;
using observations::Failure;
using observations::Reason;
using observations::Stage;

std::string printed(const std::string& host, std::uint16_t port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::string printed(const tcp::endpoint& endpoint) { return printed(endpoint.address().to_string(), endpoint.port()); }

}  // namespace

Route::Outcome Route::reach() {
  if (proxy() != nullptr) return to_proxy();
  return to_server();
}

Route::Outcome Route::reach_again() {
  if (socket_.over()) co_return Failure{Stage::connect, Reason::connect_timeout, {}, "no time was left"};
  const asio::error_code error = co_await socket_.connect(endpoint_, socket_.deadline());
  if (error && net::exhausted(error)) co_return exhausted(error.message());
  if (error) co_return net::connect_failure(error);
  if (proxy() == nullptr) co_return std::nullopt;
  co_return co_await tunnel();
}

Route::Outcome Route::to_server() {
  const auto resolving = socket_.now();
  auto resolved = co_await surroundings_.resolver.resolve(target().host, socket_.deadline());
  seen_.phases.resolve = socket_.now() - resolving;
  if (auto* failure = std::get_if<Failure>(&resolved)) {
    if (failure->stage == Stage::internal) co_return exhausted(failure->detail);
    co_return std::move(*failure);
  }
  co_return co_await connect(std::get<Addresses>(resolved), target().port, true);
}

// Of both families in turn, each in its own order (RFC 8305 4).
std::vector<tcp::endpoint> Route::endpoints(const Addresses& addresses, std::uint16_t port, bool judged) const {
  std::vector<tcp::endpoint> first, second;
  for (const asio::ip::address& address : addresses) {
    if (judged && !may_connect(address)) continue;
    const bool other_family = !first.empty() && first.front().address().is_v6() != address.is_v6();
    (other_family ? second : first).emplace_back(address, port);
  }
  std::vector<tcp::endpoint> all;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) all.push_back(first[i]);
    if (i < second.size()) all.push_back(second[i]);
  }
  return all;
}

Route::Outcome Route::connect(const Addresses& addresses, std::uint16_t port, bool judged) {
  const std::vector<tcp::endpoint> all = endpoints(addresses, port, judged);
  if (all.empty()) co_return net::connect_failure(asio::error::network_unreachable);
  const auto connecting = socket_.now();
  net::Socket::Connected connected;
  if (all.size() == 1) connected.error = co_await socket_.connect(all.front(), socket_.deadline());
  else connected = co_await socket_.connect_first(all);
  endpoint_ = all[connected.which];
  if (proxy() == nullptr) seen_.endpoint = printed(endpoint_);
  seen_.phases.connect = socket_.now() - connecting;
  if (connected.error && net::exhausted(connected.error)) co_return exhausted(connected.error.message());
  if (connected.error) co_return net::connect_failure(connected.error);
  co_return std::nullopt;
}

Route::Outcome Route::to_proxy() {
  auto closed = co_await take_destination();
  if (closed) co_return closed;
  seen_.endpoint = printed(destination_, target().port);
  const auto resolving = socket_.now();
  auto resolved = co_await surroundings_.resolver.resolve(proxy()->host, socket_.deadline());
  seen_.phases.resolve += socket_.now() - resolving;
  if (auto* failure = std::get_if<Failure>(&resolved)) {
    if (failure->stage == Stage::internal) co_return exhausted(failure->detail);
    co_return proxy_unreachable(std::string(observations::word(failure->reason)));
  }
  auto failure = co_await connect(std::get<Addresses>(resolved), proxy()->port, false);
  if (failure && failure->stage == Stage::internal) co_return failure;
  if (failure) co_return proxy_unreachable(failure->detail);
  co_return co_await tunnel();
}

// Who may ask for what they like is let through to addresses that were judged here, and a name that leads elsewhere for the proxy
// than it did here leads nowhere.
Route::Outcome Route::take_destination() {
  destination_ = target().host.substr(0, target().host.find('%'));
  asio::error_code no_literal;
  asio::ip::make_address(destination_, no_literal);
  if (no_literal && assignment_.name_may_leave) co_return std::nullopt;
  const auto resolving = socket_.now();
  auto resolved = co_await surroundings_.resolver.resolve(destination_, socket_.deadline());
  seen_.phases.resolve = socket_.now() - resolving;
  if (auto* failure = std::get_if<Failure>(&resolved)) {
    if (failure->stage == Stage::internal) co_return exhausted(failure->detail);
    co_return std::move(*failure);
  }
  for (const asio::ip::address& address : std::get<Addresses>(resolved)) {
    if (!may_connect(address)) continue;
    destination_ = address.to_string();
    co_return std::nullopt;
  }
  co_return net::connect_failure(asio::error::network_unreachable);
}

// The socket is connected to the proxy.
Route::Outcome Route::tunnel() {
  const auto asking = socket_.now();
  proxy::Request request{
      .host = destination_, .port = target().port, .username = proxy()->username, .password = {}, .headers = proxy()->headers};
  const auto& password = assignment_.proxy_password;
  if (password) request.password = password->bytes.view();
  net::PlainStream plain(socket_, proxy::answer_limit);
  const auto ask = proxy()->kind == config::Proxy::Kind::socks5 ? &proxy::socks5 : &proxy::http_connect;
  const proxy::Answer answer = co_await ask(plain, std::move(request));
  seen_.phases.proxy = socket_.now() - asking;
  if (answer.result == proxy::Answer::Result::connected) co_return std::nullopt;
  Failure failure = proxy::explain(answer);
  // Without it the proxy was asked with an empty one, and its refusal says nothing of the true one.
  if (failure.reason == Reason::proxy_authentication && password && !password->good())
    failure.detail = "the password file cannot be read: " + password->trouble;
  co_return failure;
}

Failure Route::proxy_unreachable(const std::string& why) const {
  return {Stage::proxy, Reason::proxy_unreachable, {}, config::url(*proxy()) + ": " + why};
}

Failure Route::exhausted(const std::string& why) const {
  if (assignment_.exhausted) assignment_.exhausted();
  return {Stage::internal, Reason::internal, {}, "the exporter ran out of file descriptors or memory: " + why};
}

}  // namespace probes
