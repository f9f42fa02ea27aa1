// One connection's life: read a request, answer it, send the answer, leave. Internal to the web room; runs on the I/O thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <stop_token>

#include "exporter/web/channel.h"
#include "exporter/web/connection_limit.h"
#include "exporter/web/policy.h"
#include "exporter/web/server.h"

namespace exporter::web {

// What the connections of one server share. `io` is last, so that the coroutines it destroys still find the rest.
struct ServerState : std::enable_shared_from_this<ServerState> {
  ServerState(const ServerLimits& wanted, std::vector<Route> routes)
      : limits(wanted), router(std::move(routes)), connections(wanted.connections), handlers(wanted.handler_threads) {}

  // For those who may outlive this: as long as they hold it, everything here lives.
  std::shared_ptr<asio::io_context> shared_io() { return {shared_from_this(), &io}; }

  ServerLimits limits;
  Router router;
  PolicyPtr policy = std::make_shared<const Policy>();  // I/O thread only, once it runs
  ConnectionLimit connections;                          // I/O thread only
  std::size_t passwords_waiting = 0;                    // I/O thread only
  asio::thread_pool handlers;
  asio::thread_pool writers{1};  // make the next pieces of bodies, a moment each; a scrape half sent waits for no handler
  asio::thread_pool chores{1};   // hashing passwords, looking at files
  asio::io_context io{1};
};

class Connection : public LimitedConnection, public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerState& server, Descriptor descriptor);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void close_soon() override { channel_->abandon(); }

  // The whole life of `connection`, which ends with this coroutine.
  [[nodiscard]] static asio::awaitable<void> serve(std::shared_ptr<Connection> connection);

 private:
  [[nodiscard]] asio::awaitable<RequestReader::State> read_request(RequestReader& reader);
  [[nodiscard]] asio::awaitable<bool> secured();
  [[nodiscard]] asio::awaitable<std::optional<Response>> response_to(RequestReader& reader, RequestReader::State state);
  [[nodiscard]] asio::awaitable<Response> answer(RequestPtr request);
  [[nodiscard]] static asio::awaitable<void> watch(std::shared_ptr<Connection> connection);
  [[nodiscard]] asio::awaitable<void> send(Response response, bool with_body, bool http_1_0);
  [[nodiscard]] asio::awaitable<bool> send_pieces(Body body, bool chunked);
  [[nodiscard]] asio::awaitable<void> leave();
  void enter(Phase next, std::chrono::milliseconds at_most);

  ServerState& server_;
  PolicyPtr policy_;  // the one in force when the connection came
  std::shared_ptr<Channel> channel_;
  std::stop_source nobody_waits_;
};

}  // namespace exporter::web
