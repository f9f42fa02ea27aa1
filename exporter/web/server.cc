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

void welcome(Premises& premises, Descriptor descriptor) {
  const int on = 1;
  setsockopt(descriptor.number(), IPPROTO_TCP, TCP_NODELAY, &on,
             sizeof on);  // the head must not wait for its own acknowledgement
  const int number = descriptor.number();
  const auto connection = std::make_shared<Connection>(premises, std::move(descriptor));
  if (premises.lobby.admit(*connection, std::chrono::steady_clock::now()))
    asio::co_spawn(premises.io, Connection::serve(connection), asio::detached);
  else if (!premises.policy->tls) turn_away(number);
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
asio::awaitable<void> see_off(Premises& premises, asio::steady_timer& pause) {
  asio::error_code ignored;
  co_await asio::post(asio::use_awaitable);
  for (int looks = 0; looks < most_looks && premises.lobby.somebody_is_going(); ++looks) {
    pause.expires_after(on_the_way_out);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

// When there was no descriptor for somebody who is waiting, although we keep to our share: somebody who says nothing gives
// theirs.
asio::awaitable<void> find_descriptor(Premises& premises, asio::steady_timer& pause) {
  asio::error_code ignored;
  if (premises.lobby.make_room(std::chrono::steady_clock::now())) {
    co_await see_off(premises, pause);
    co_return;
  }
  pause.expires_after(out_of_descriptors);
  co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> accept_all(Premises& premises, Descriptor listening) {
  asio::posix::stream_descriptor door(premises.io, listening.release());
  asio::steady_timer pause(premises.io);
  for (;;) {
    asio::error_code ignored;
    co_await door.async_wait(asio::posix::stream_descriptor::wait_read, asio::redirect_error(asio::use_awaitable, ignored));
    for (int accepted = 0; accepted < accepted_in_a_row; ++accepted) {
      Descriptor visitor(::accept4(door.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      const int error = errno;
      if (visitor.number() >= 0) {
        welcome(premises, std::move(visitor));
        if (premises.lobby.somebody_is_going()) co_await see_off(premises, pause);
        continue;
      }
      if (exhausted(error) && somebody_waits(door.native_handle())) co_await find_descriptor(premises, pause);
      if (error != ECONNABORTED && error != EINTR) break;  // nobody else is waiting
    }
  }
}

// Looks at the files of the web configuration every so often, on the thread for chores.
asio::awaitable<void> keep_current(Premises& premises, std::shared_ptr<PolicySource> source) {
  asio::steady_timer pause(premises.io);
  for (;;) {
    asio::error_code ignored;
    pause.expires_after(premises.limits.web_config_check);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    Delivery<PolicyPtr> delivery(premises.shared_io());
    asio::post(premises.chores, [source, send = delivery.sender()] { send(source->renewed()); });
    const auto policy = co_await delivery.receive(std::chrono::hours(1));
    if (policy && *policy) premises.policy = *policy;
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
    : premises_(std::make_shared<Premises>(options.limits, std::move(routes))), options_(std::move(options)) {}

Server::~Server() { stop(); }

void Server::start() {
  std::signal(SIGPIPE, SIG_IGN);
  if (!options_.web_config_file.empty()) {
    const auto source = std::make_shared<PolicySource>(options_.web_config_file);
    premises_->policy = source->load();
    asio::co_spawn(premises_->io, keep_current(*premises_, source), asio::detached);
  }
  for (Listener& listener : open_all(options_)) {
    addresses_.push_back(listener.address);
    asio::co_spawn(premises_->io, accept_all(*premises_, std::move(listener.descriptor)), asio::detached);
  }
  thread_ = std::thread([premises = premises_.get()] { premises->io.run(); });
}

bool Server::turns() {
  return premises_ && pulse_.felt([this](auto answer) { asio::post(premises_->io, std::move(answer)); });
}

void Server::stop() {
  if (!premises_) return;
  premises_->io.stop();
  if (thread_.joinable()) thread_.join();
  for (asio::thread_pool* pool : {&premises_->handlers, &premises_->writers, &premises_->chores}) {
    pool->stop();
    pool->join();
  }
  premises_.reset();
}

}  // namespace exporter::web
