// One accepted connection as a stream of bytes with a deadline, plain or (after accept_tls) encrypted. OpenSSL and plain
// reads sit directly on the non-blocking descriptor; only waiting goes through Asio. Used on the I/O thread only.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "exporter/web/listeners.h"
#include "probes/tls/handles.h"

namespace exporter::web {

class Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(asio::io_context& io, Descriptor descriptor);

  // From now on every operation fails once `deadline` has passed, whatever the peer does. May be moved later or earlier.
  void until(std::chrono::steady_clock::time_point deadline);
  bool expired() const { return expired_; }

  // Makes the pending and every later operation fail.
  void abandon();

  // The first byte without consuming it: 0x16 begins TLS. Absent when the peer closed or the deadline passed.
  [[nodiscard]] asio::awaitable<std::optional<unsigned char>> first_byte();

  // The TLS handshake; false when it failed. Reads and writes are encrypted afterwards.
  [[nodiscard]] asio::awaitable<bool> accept_tls(SSL_CTX* context);
  SSL* tls() const { return tls_.get(); }  // borrowed; null while plain

  // Reads what is there, at most `size` bytes into `buffer`; 0 at the end of the stream and on every failure.
  [[nodiscard]] asio::awaitable<std::size_t> read(char* buffer, std::size_t size);

  // Writes all of `bytes`, which must live until then; false on failure.
  [[nodiscard]] asio::awaitable<bool> write(std::string_view bytes);

  // Waits for the peer to go while its answer is being made. False when it has sent more than its request, which hides what
  // follows, when the channel became unusable, and after look_away(), which must come before anything else uses the channel.
  [[nodiscard]] asio::awaitable<bool> watch_for_the_end();
  void look_away();

  // The peer will see a reset instead of an end: what it has is not the whole.
  void cut();

  // Says that nothing more will come (close_notify when TLS is up, then FIN) and waits for the peer to close, dropping what it
  // still sends: a close with unread bytes is a reset, which can overtake our last words.
  [[nodiscard]] asio::awaitable<void> leave();

 private:
  enum class Wait { read, write };
  [[nodiscard]] asio::awaitable<bool> wait(Wait what);
  [[nodiscard]] asio::awaitable<bool> wait_for_tls(int result);
  enum class Look { nothing_new, more_bytes, the_end };
  [[nodiscard]] Look look();
  [[nodiscard]] bool usable() const { return !expired_ && !abandoned_; }

  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer deadline_;
  bool expired_ = false;
  bool abandoned_ = false;
  bool watching_ = false;
  probes::tls::Ptr<SSL> tls_;  // freed before the descriptor it uses is closed
};

}  // namespace exporter::web
