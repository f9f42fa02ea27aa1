#include "exporter/web/channel.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

namespace exporter::web {
namespace {

constexpr std::size_t write_at_once = 64 * 1024;  // bytes; between two of these other connections have their turn

constexpr std::size_t dropped_at_the_end = 256 * 1024;  // bytes; a peer that goes on sending gets its reset

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Channel::Channel(asio::io_context& io, Descriptor descriptor) : descriptor_(io, descriptor.release()), deadline_(io) {}

void Channel::until(std::chrono::steady_clock::time_point deadline) {
  expired_ = false;
  deadline_.expires_at(deadline);
  deadline_.async_wait([self = weak_from_this()](const asio::error_code& error) {
    const auto channel = self.lock();
    // A wait that ended just before the deadline was moved reports success all the same: look at the clock again.
    if (error || !channel || channel->deadline_.expiry() > std::chrono::steady_clock::now()) return;
    channel->expired_ = true;
    channel->descriptor_.cancel();
  });
}

void Channel::abandon() {
  abandoned_ = true;
  descriptor_.cancel();
}

asio::awaitable<bool> Channel::wait(Wait what) {
  if (!usable()) co_return false;
  asio::error_code error;
  const auto direction =
      what == Wait::read ? asio::posix::stream_descriptor::wait_read : asio::posix::stream_descriptor::wait_write;
  co_await descriptor_.async_wait(direction, asio::redirect_error(asio::use_awaitable, error));
  co_return !error && usable();
}

asio::awaitable<std::optional<unsigned char>> Channel::first_byte() {
  while (usable()) {
    unsigned char byte = 0;
    const auto got = ::recv(descriptor_.native_handle(), &byte, 1, MSG_PEEK);
    if (got == 1) co_return byte;
    if (got == 0 || !would_block()) co_return std::nullopt;
    if (!co_await wait(Wait::read)) co_return std::nullopt;
  }
  co_return std::nullopt;
}

// What `result` of an SSL_* call asks for; false when it asks for nothing that helps.
asio::awaitable<bool> Channel::wait_for_tls(int result) {
  const int error = SSL_get_error(tls_.get(), result);
  ERR_clear_error();  // the queue is per thread: leave nothing for the connection that runs next
  if (error == SSL_ERROR_WANT_READ) co_return co_await wait(Wait::read);
  if (error == SSL_ERROR_WANT_WRITE) co_return co_await wait(Wait::write);
  co_return false;
}

asio::awaitable<bool> Channel::accept_tls(SSL_CTX* context) {
  tls_.reset(SSL_new(context));
  if (!tls_ || SSL_set_fd(tls_.get(), descriptor_.native_handle()) != 1) co_return false;
  while (usable()) {
    ERR_clear_error();
    const int result = SSL_accept(tls_.get());
    if (result == 1) co_return true;
    if (!co_await wait_for_tls(result)) break;
  }
  co_return false;
}

asio::awaitable<std::size_t> Channel::read(char* buffer, std::size_t size) {
  while (usable()) {
    bool again = false;
    if (tls_) {
      ERR_clear_error();
      const int got = SSL_read(tls_.get(), buffer, static_cast<int>(size));
      if (got > 0) co_return static_cast<std::size_t>(got);
      again = co_await wait_for_tls(got);
    } else {
      const auto got = ::recv(descriptor_.native_handle(), buffer, size, 0);
      if (got > 0) co_return static_cast<std::size_t>(got);
      again = got < 0 && would_block() && co_await wait(Wait::read);
    }
    if (!again) break;
  }
  co_return 0;
}

asio::awaitable<bool> Channel::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!usable()) co_return false;
    const std::size_t size = std::min(bytes.size(), write_at_once);
    bool again = false;
    if (tls_) {
      ERR_clear_error();
      const int sent = SSL_write(tls_.get(), bytes.data(), static_cast<int>(size));
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      again = sent > 0 || co_await wait_for_tls(sent);
    } else {
      const auto sent = ::send(descriptor_.native_handle(), bytes.data(), size, MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      again = sent > 0 || (would_block() && co_await wait(Wait::write));
    }
    if (!again) co_return false;
    if (!bytes.empty()) co_await asio::post(asio::use_awaitable);
  }
  co_return true;
}

// What the peer has said since its request, without taking it away.
Channel::Look Channel::look() {
  char byte = 0;
  if (!tls_) {
    const auto got = ::recv(descriptor_.native_handle(), &byte, 1, MSG_PEEK);
    if (got < 0 && would_block()) return Look::nothing_new;
    return got > 0 ? Look::more_bytes : Look::the_end;
  }
  ERR_clear_error();
  const int got = SSL_peek(tls_.get(), &byte, 1);
  if (got > 0) return Look::more_bytes;
  const int error = SSL_get_error(tls_.get(), got);
  ERR_clear_error();
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? Look::nothing_new : Look::the_end;
}

asio::awaitable<bool> Channel::watch_for_the_end() {
  watching_ = true;
  while (watching_ && usable()) {
    const Look seen = look();
    if (seen != Look::nothing_new) co_return seen == Look::the_end;
    if (!co_await wait(Wait::read)) break;
  }
  co_return false;
}

void Channel::look_away() {
  if (std::exchange(watching_, false)) descriptor_.cancel();
}

void Channel::cut() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

asio::awaitable<void> Channel::leave() {
  if (tls_ && SSL_is_init_finished(tls_.get())) SSL_shutdown(tls_.get());
  ERR_clear_error();
  ::shutdown(descriptor_.native_handle(), SHUT_WR);
  std::array<char, 4096> unread;
  for (std::size_t dropped = 0; usable() && dropped < dropped_at_the_end;) {
    const auto got = ::recv(descriptor_.native_handle(), unread.data(), unread.size(), 0);
    if (got > 0) dropped += static_cast<std::size_t>(got);
    if (got == 0 || (got < 0 && !would_block())) break;
    if (got < 0 && !co_await wait(Wait::read)) break;
  }
}

}  // namespace exporter::web
