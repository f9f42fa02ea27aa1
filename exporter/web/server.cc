#include "exporter/web/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>

#include "exporter/web/connection.h"
#include "exporter/web/delivery.h"
#include "exporter/web/response_head.h"
#include "probes/observations/wall_time.h"

namespace exporter::web {
namespace {

constexpr int accepted_in_a_row = 32;                         // then those already here have their turn
constexpr std::chrono::milliseconds out_of_descriptors{100};  // to wait before accepting again
constexpr std::chrono::milliseconds on_the_way_out{1};        // to wait for those who were asked to go
constexpr int most_looks = 100;                               // at them

// For those who find the place full, in plain HTTP: a handshake would take the place that is lacking. The request is read first,
// as far as it has come: closing with unread bytes would send a reset that overtakes the answer.
void turn_away(int descriptor) {
  std::array<char, 4096> unread;
  while (::recv(descriptor, unread.data(), unread.size(), MSG_DONTWAIT) > 0) continue;
  const Response busy{.status = 503, .headers = {{"Retry-After", "5"}}, .body = "Too many connections.\n"};
  const std::string bytes = response_head(busy, Framing::length, {}, probes::observations::wall_now()) + busy.body.text();
  if (::send(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) ::shutdown(descriptor, SHUT_WR);
}

void welcome(ServerState& server, Descriptor descriptor) {
  const int on = 1;
  setsockopt(descriptor.number(), IPPROTO_TCP, TCP_NODELAY, &on,
             sizeof on);  // the head must not wait for its own acknowledgement
  const int number = descriptor.number();
  const auto connection = std::make_shared<Connection>(server, std::move(descriptor));
  if (server.connections.admit(*connection, std::chrono::steady_clock::now()))
    asio::co_spawn(server.io, Connection::serve(connection), asio::detached);
  else if (!server.policy->tls) turn_away(number);
}

// True when nobody could be accepted because the process or the machine has no descriptors or memory left.
bool exhausted(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

// Linux takes the descriptor before it looks who is there: without one, accept(2) says EMFILE although nobody waits.
bool somebody_waits(int listening) {
  pollfd door{.fd = listening, .events = POLLIN, .revents = 0};
  return ::poll(&door, 1, 0) > 0;
}

// Who was asked to go closes its descriptor when it has its turn. Nobody is accepted before, or a burst of newcomers would hold
// twice our share. Most go at once.
asio::awaitable<void> see_off(ServerState& server, asio::steady_timer& pause) {
  asio::error_code ignored;
  co_await asio::post(asio::use_awaitable);
  for (int looks = 0; looks < most_looks && server.connections.somebody_is_going(); ++looks) {
    pause.expires_after(on_the_way_out);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

// When there was no descriptor for somebody who is waiting, although we keep to our share: somebody who says nothing gives
// theirs.
asio::awaitable<void> find_descriptor(ServerState& server, asio::steady_timer& pause) {
  asio::error_code ignored;
  if (server.connections.make_room(std::chrono::steady_clock::now())) {
    co_await see_off(server, pause);
    co_return;
  }
  pause.expires_after(out_of_descriptors);
  co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> accept_all(ServerState& server, Descriptor listening) {
  asio::posix::stream_descriptor door(server.io, listening.release());
  asio::steady_timer pause(server.io);
  for (;;) {
    asio::error_code ignored;
    co_await door.async_wait(asio::posix::stream_descriptor::wait_read, asio::redirect_error(asio::use_awaitable, ignored));
    for (int accepted = 0; accepted < accepted_in_a_row; ++accepted) {
      Descriptor connection(::accept4(door.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      const int error = errno;
      if (connection.number() >= 0) {
        welcome(server, std::move(connection));
        if (server.connections.somebody_is_going()) co_await see_off(server, pause);
        continue;
      }
      if (exhausted(error) && somebody_waits(door.native_handle())) co_await find_descriptor(server, pause);
      if (error != ECONNABORTED && error != EINTR) break;  // nobody else is waiting
    }
  }
}

// Looks at the files of the web configuration every so often, on the thread for chores.
asio::awaitable<void> keep_current(ServerState& server, std::shared_ptr<PolicySource> source) {
  asio::steady_timer pause(server.io);
  for (;;) {
    asio::error_code ignored;
    pause.expires_after(server.limits.web_config_check);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    Delivery<PolicyPtr> delivery(server.shared_io());
    asio::post(server.chores, [source, send = delivery.sender()] { send(source->renewed()); });
    const auto policy = co_await delivery.receive(std::chrono::hours(1));
    if (policy && *policy) server.policy = *policy;
  }
}

std::vector<Listener> open_all(const ServerOptions& options) {
  if (options.systemd_sockets) return systemd_listeners();
  std::vector<Listener> listeners;
  for (const std::string& address : options.listen_addresses)
    for (Listener& listener : listen_on(address)) listeners.push_back(std::move(listener));
  return listeners;
}

}  // namespace

Server::Server(ServerOptions options, std::vector<Route> routes)
    : server_(std::make_shared<ServerState>(options.limits, std::move(routes))), options_(std::move(options)) {}

Server::~Server() { stop(); }

void Server::start() {
  std::signal(SIGPIPE, SIG_IGN);
  if (!options_.web_config_file.empty()) {
    const auto source = std::make_shared<PolicySource>(options_.web_config_file);
    server_->policy = source->load();
    asio::co_spawn(server_->io, keep_current(*server_, source), asio::detached);
  }
  for (Listener& listener : open_all(options_)) {
    addresses_.push_back(listener.address);
    asio::co_spawn(server_->io, accept_all(*server_, std::move(listener.descriptor)), asio::detached);
  }
  thread_ = std::thread([server = server_.get()] { server->io.run(); });
}

bool Server::turns() {
  return server_ && heartbeat_.beats([this](auto answer) { asio::post(server_->io, std::move(answer)); });
}

void Server::stop() {
  if (!server_) return;
  server_->io.stop();
  if (thread_.joinable()) thread_.join();
  for (asio::thread_pool* pool : {&server_->handlers, &server_->writers, &server_->chores}) {
    pool->stop();
    pool->join();
  }
  server_.reset();
}

}  // namespace exporter::web
