// One TCP connection under one deadline. Every wait ends when the socket is ready, up to 25 ms after the moment given, or at the
// deadline of the probe, whichever comes first, as soon as this thread looks. Belongs to one probe and is used on that probe's
// thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>

namespace probes::net {

using Moment = std::chrono::steady_clock::time_point;

enum class Ready : std::uint8_t { yes, too_late };

class Socket {
 public:
  // `deadline`: of the whole probe.
  Socket(const asio::any_io_executor& executor, Moment deadline);
  ~Socket();  // closes the connection
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // Connects, replacing any earlier connection. The error is asio::error::timed_out when `until` or the deadline passed.
  asio::awaitable<asio::error_code> connect(asio::ip::tcp::endpoint endpoint, Moment until);

  // Connects to whichever of `endpoints` (not empty) answers first. An attempt begins when the one before it has failed or has
  // had its head start (RFC 8305 5), and all go on until the deadline; of more than four under way the oldest is given up.
  struct Connected {
    asio::error_code error;  // of the attempt that failed last
    std::size_t which = 0;   // ... or of the one that connected
  };
  asio::awaitable<Connected> connect_first(std::span<const asio::ip::tcp::endpoint> endpoints);

  // Waits until a read (a write) would not block. An error of the connection counts as ready: the read itself will meet it.
  asio::awaitable<Ready> readable(Moment until = Moment::max());
  asio::awaitable<Ready> writable(Moment until = Moment::max());

  // Writes all of `bytes`, ahead of TLS.
  asio::awaitable<asio::error_code> write(std::string_view bytes);
  // Our own end of the connection, and the server's; those of nobody where there is no connection any more.
  asio::ip::tcp::endpoint local() const;
  asio::ip::tcp::endpoint remote() const;

  int descriptor();  // for OpenSSL; open and non-blocking after connect()
  Moment deadline() const { return deadline_; }
  // `until` or the deadline has passed: for who works on without waiting.
  bool over(Moment until = Moment::max()) const { return passed(until, std::chrono::steady_clock::now()); }

  // The clock by which the server is measured: steady_clock, less the time for which a connection, bytes, an orderly end or a
  // moment waited for lay here until this thread looked. The kernel notes arrivals to a jiffy (1 to 10 ms), and none of a refusal
  // or a reset, which count in full. Never goes back.
  Moment now() const { return std::chrono::steady_clock::now() - lain_; }

  // Moves the deadline to now. May be called after the socket has gone; on the probe's thread.
  [[nodiscard]] std::function<void()> expire_now() const;
  // What is written between the two leaves in one packet with the FIN.
  void hold_last_words();
  void end_writing();
  void close();

 private:
  struct State;
  asio::awaitable<Ready> wait(asio::ip::tcp::socket::wait_type what, Moment until);
  void arm(Moment until);
  bool rang_for(Moment until);                    // ends the alarm of a wait; true: it had rung
  bool passed(Moment until, Moment began) const;  // no wait may begin any more

  std::shared_ptr<State> state_;  // shared with the alarm, which may outlive the socket by one turn of the loop
  Moment deadline_;
  Moment::duration lain_{};
};

}  // namespace probes::net
