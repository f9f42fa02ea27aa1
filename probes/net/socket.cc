#include "probes/net/socket.h"

#include <algorithm>

#include <asio/error.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

namespace probes::net {

struct Socket::State {
  explicit State(const asio::any_io_executor& executor) : socket(executor), alarm(executor) {}
  asio::ip::tcp::socket socket;
  asio::steady_timer alarm;
  std::uint64_t wait = 0;  // which wait the alarm belongs to: an alarm that rings late must not cancel the next wait
  bool rang = false;
  bool hurried = false;  // the deadline is now

  void ring() {
    rang = true;
    asio::error_code ignored;
    socket.cancel(ignored);
  }
};

Socket::Socket(const asio::any_io_executor& executor, Moment deadline)
    : state_(std::make_shared<State>(executor)), deadline_(deadline) {}

Socket::~Socket() { close(); }

void Socket::close() {
  asio::error_code ignored;
  ++state_->wait;
  state_->alarm.cancel();
  state_->socket.close(ignored);
}

int Socket::descriptor() { return state_->socket.native_handle(); }

namespace {

// Alarms before the deadline ring on ticks, those of many connections together: a core that wakes up once for ten of them finds
// its caches warm.
constexpr std::chrono::milliseconds tick(25);

Moment on_tick(Moment moment) {
  if (moment > Moment::max() - tick) return moment;
  const auto since = moment.time_since_epoch();
  return Moment((since + tick - Moment::duration(1)) / tick * tick);
}

}  // namespace

void Socket::arm(Moment until) {
  state_->rang = false;
  state_->alarm.expires_at(std::min(on_tick(until), deadline_));
  state_->alarm.async_wait([weak = std::weak_ptr(state_), wait = ++state_->wait](const asio::error_code& error) {
    const auto state = weak.lock();
    if (error || !state || state->wait != wait) return;
    state->ring();
  });
}

std::function<void()> Socket::hurry() const {
  return [weak = std::weak_ptr(state_)] {
    const auto state = weak.lock();
    if (!state) return;
    state->hurried = true;
    state->ring();
  };
}

bool Socket::disarm() {
  ++state_->wait;
  state_->alarm.cancel();
  return state_->rang;
}

asio::awaitable<asio::error_code> Socket::connect(asio::ip::tcp::endpoint endpoint, Moment until) {
  asio::error_code error;
  if (state_->hurried) co_return asio::error::timed_out;
  state_->socket.close(error);
  state_->socket.open(endpoint.protocol(), error);
  if (error) co_return error;
  state_->socket.non_blocking(true, error);
  state_->socket.set_option(asio::ip::tcp::no_delay(true), error);
  arm(until);
  co_await state_->socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (disarm()) error = asio::error::timed_out;
  co_return error;
}

asio::awaitable<Ready> Socket::wait(asio::ip::tcp::socket::wait_type what, Moment until) {
  if (state_->hurried || std::min(until, deadline_) <= std::chrono::steady_clock::now()) co_return Ready::too_late;
  asio::error_code error;
  arm(until);
  co_await state_->socket.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
  co_return disarm() ? Ready::too_late : Ready::yes;
}

asio::awaitable<Ready> Socket::readable(Moment until) { return wait(asio::ip::tcp::socket::wait_read, until); }
asio::awaitable<Ready> Socket::writable(Moment until) { return wait(asio::ip::tcp::socket::wait_write, until); }

}  // namespace probes::net
