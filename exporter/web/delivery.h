// Brings a value that another thread makes to a coroutine on the I/O thread, or gives up waiting. Both ends are held weakly:
// the value may come after the coroutine, and after the server, have gone.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace exporter::web {

template <typename Value>
class Delivery {
 public:
  // `io`: alive as long as whatever its coroutines refer to; ServerState::shared_io().
  explicit Delivery(const std::shared_ptr<asio::io_context>& io) : io_(io), seat_(std::make_shared<Seat>(*io)) {}

  // What the other thread calls, from anywhere and at any time; only the first value counts.
  [[nodiscard]] std::function<void(Value)> sender() const {
    return [to = std::weak_ptr(io_), waiting = std::weak_ptr(seat_)](Value value) {
      const auto io = to.lock();
      if (!io) return;
      asio::post(*io, [waiting, value = std::move(value)]() mutable {
        const auto seat = waiting.lock();
        if (!seat || seat->value) return;
        seat->value = std::move(value);
        seat->patience.cancel();
      });
    };
  }

  // The value; absent when it has not come within `patience`. Once, on the I/O thread.
  [[nodiscard]] asio::awaitable<std::optional<Value>> receive(std::chrono::milliseconds patience) {
    if (seat_->value) co_return std::move(seat_->value);
    seat_->patience.expires_after(patience);
    asio::error_code ignored;
    co_await seat_->patience.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return std::move(seat_->value);
  }

 private:
  struct Seat {
    explicit Seat(asio::io_context& io) : patience(io) {}
    asio::steady_timer patience;
    std::optional<Value> value;
  };
  std::weak_ptr<asio::io_context> io_;
  std::shared_ptr<Seat> seat_;
};

}  // namespace exporter::web
