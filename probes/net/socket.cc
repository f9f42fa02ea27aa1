#include "probes/net/socket.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <optional>

#include <asio/buffer.hpp>
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
  std::atomic<bool> expired = false;     // the deadline is now; a session asks on the thread that it is on
  asio::steady_timer* racing = nullptr;  // what connect_first() waits for

  void ring() {
    rang = true;
    if (racing != nullptr) racing->cancel();
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

void Socket::hold_last_words() {
  const int on = 1;
  setsockopt(descriptor(), IPPROTO_TCP, TCP_CORK, &on, sizeof on);  // where it fails, one packet more leaves
}

// Not left to close(), which throws away what is held when there is something unread.
void Socket::end_writing() { shutdown(descriptor(), SHUT_WR); }

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

// How long ago the kernel noted the last arrival of a kind, or the server's FIN, which carries an ACK; at most since `began`.
Moment::duration lain(int descriptor, std::uint32_t tcp_info::*milliseconds_ago, Moment began) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  if (info.tcpi_state == TCP_CLOSE_WAIT) milliseconds_ago = &tcp_info::tcpi_last_ack_recv;
  else if (info.tcpi_state != TCP_ESTABLISHED) return {};
  return std::min<Moment::duration>(std::chrono::milliseconds(info.*milliseconds_ago), std::chrono::steady_clock::now() - began);
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

std::function<void()> Socket::expire_now() const {
  return [weak = std::weak_ptr(state_)] {
    const auto state = weak.lock();
    if (!state) return;
    state->expired = true;
    state->ring();
  };
}

bool Socket::rang_for(Moment until) {
  ++state_->wait;
  state_->alarm.cancel();
  if (!state_->rang) return false;
  const Moment::duration late = std::chrono::steady_clock::now() - std::min(until, deadline_);
  lain_ += std::max(late, Moment::duration::zero());  // less than nothing: it was expired
  return true;
}

bool Socket::passed(Moment until, Moment began) const { return state_->expired || std::min(until, deadline_) <= began; }

asio::awaitable<asio::error_code> Socket::connect(asio::ip::tcp::endpoint endpoint, Moment until) {
  asio::error_code error;
  const Moment began = std::chrono::steady_clock::now();
  if (passed(until, began)) co_return asio::error::timed_out;
  state_->socket.close(error);
  state_->socket.open(endpoint.protocol(), error);
  if (error) co_return error;
  state_->socket.non_blocking(true, error);
  state_->socket.set_option(asio::ip::tcp::no_delay(true), error);
  arm(until);
  co_await state_->socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (rang_for(until)) error = asio::error::timed_out;
  if (!error) lain_ += lain(descriptor(), &tcp_info::tcpi_last_ack_recv, began);
  co_return error;
}

namespace {

constexpr std::size_t most_attempts = 4;              // under way: each has a descriptor
constexpr std::chrono::milliseconds head_start(250);  // RFC 8305 5

// Attempts to connect that are under way. Shared with their handlers, which may run after the race.
struct Race {
  explicit Race(const asio::any_io_executor& executor) : wake(executor) {}

  struct Attempt {
    std::size_t which;
    Moment began;
    asio::ip::tcp::socket socket;
  };
  std::list<Attempt> attempts;
  asio::steady_timer wake;
  std::optional<Attempt> winner;
  Socket::Connected failed{.error = asio::error::timed_out, .which = 0};

  // False: there is no socket to be had.
  static bool begin(const std::shared_ptr<Race>& race, const asio::ip::tcp::endpoint& endpoint, std::size_t which) {
    asio::error_code error;
    Attempt attempt{which, std::chrono::steady_clock::now(), asio::ip::tcp::socket(race->wake.get_executor())};
    attempt.socket.open(endpoint.protocol(), error);
    if (error) race->failed = {error, which};
    if (error) return false;
    attempt.socket.non_blocking(true, error);
    attempt.socket.set_option(asio::ip::tcp::no_delay(true), error);
    race->attempts.push_back(std::move(attempt));
    race->attempts.back().socket.async_connect(endpoint,
                                               [race, which](const asio::error_code& result) { race->end(which, result); });
    return true;
  }

  void end(std::size_t which, const asio::error_code& result) {
    const auto found = std::ranges::find(attempts, which, &Attempt::which);
    if (found == attempts.end() || winner) return;  // given up
    if (result) failed = {result, which};
    else winner = std::move(*found);
    attempts.erase(found);
    wake.cancel();
  }
};

}  // namespace

asio::awaitable<Socket::Connected> Socket::connect_first(std::span<const asio::ip::tcp::endpoint> endpoints) {
  const auto race = std::make_shared<Race>(state_->alarm.get_executor());
  asio::error_code error;
  state_->socket.close(error);
  state_->racing = &race->wake;
  Moment next = std::chrono::steady_clock::now();
  // Where time is short each address still has its turn.
  const auto stagger = std::min<Moment::duration>(head_start, (deadline_ - next) / static_cast<int>(endpoints.size() + 1));
  for (std::size_t begun = 0; !race->winner;) {
    const Moment now = std::chrono::steady_clock::now();
    if (passed(Moment::max(), now)) race->failed = {asio::error::timed_out, race->failed.which};
    if (passed(Moment::max(), now) || (race->attempts.empty() && begun == endpoints.size())) break;
    if (begun < endpoints.size() && (race->attempts.empty() || now >= next)) {
      if (race->attempts.size() == most_attempts) race->attempts.pop_front();
      if (!Race::begin(race, endpoints[begun], begun) && race->attempts.empty()) break;
      ++begun;
      next = now + stagger;
    }
    race->wake.expires_at(begun < endpoints.size() ? std::min(next, deadline_) : deadline_);
    co_await race->wake.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
  state_->racing = nullptr;
  race->attempts.clear();
  if (!race->winner) co_return race->failed;
  state_->socket = std::move(race->winner->socket);
  lain_ += lain(descriptor(), &tcp_info::tcpi_last_ack_recv, race->winner->began);
  co_return Connected{.error = {}, .which = race->winner->which};
}

asio::awaitable<Ready> Socket::wait(asio::ip::tcp::socket::wait_type what, Moment until) {
  const Moment began = std::chrono::steady_clock::now();
  if (passed(until, began)) co_return Ready::too_late;
  asio::error_code error;
  arm(until);
  co_await state_->socket.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
  if (rang_for(until)) co_return Ready::too_late;
  if (what == asio::ip::tcp::socket::wait_read) lain_ += lain(descriptor(), &tcp_info::tcpi_last_data_recv, began);
  co_return Ready::yes;
}

// Few bytes leave a fresh connection at once; the wait is for what the standard allows.
asio::awaitable<asio::error_code> Socket::write(std::string_view bytes) {
  asio::error_code error;
  while (!bytes.empty()) {
    const std::size_t written = state_->socket.write_some(asio::buffer(bytes), error);
    if (error == asio::error::would_block) {
      const Ready ready = co_await writable();
      if (ready == Ready::too_late) co_return asio::error::timed_out;
    } else if (error) {
      co_return error;
    }
    bytes.remove_prefix(written);
  }
  co_return asio::error_code();
}

asio::ip::tcp::endpoint Socket::local() const {
  asio::error_code none;
  return state_->socket.local_endpoint(none);
}

asio::ip::tcp::endpoint Socket::remote() const {
  asio::error_code none;
  return state_->socket.remote_endpoint(none);
}

asio::awaitable<Ready> Socket::readable(Moment until) { return wait(asio::ip::tcp::socket::wait_read, until); }
asio::awaitable<Ready> Socket::writable(Moment until) { return wait(asio::ip::tcp::socket::wait_write, until); }

}  // namespace probes::net
