#include "probes/look/first_look.h"

#include <sys/random.h>
#include <sys/socket.h>

#include <array>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>

#include "probes/look/client_hello.h"

namespace probes::look {

namespace {

using Connection = asio::posix::stream_descriptor;

// A fresh socket has room for all of it.
bool sends_hello(int socket) {
  Random random{};
  const ssize_t filled = getrandom(random.data(), random.size(), GRND_NONBLOCK);
  const std::string hello = client_hello(random);
  return filled == static_cast<ssize_t>(random.size()) &&
         send(socket, hello.data(), hello.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(hello.size());
}

// What has arrived, into `reader`. False: there is nothing to wait for any more. Bounded, as the reader is.
bool receives(FlightReader& reader, int socket) {
  std::array<char, 16384> received;  // on the stack of the moment: thousands of looks are waiting
  for (;;) {
    const ssize_t size = recv(socket, received.data(), received.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return size < 0 && errno == EAGAIN;
    const std::string_view bytes(received.data(), static_cast<std::size_t>(size));
    if (!std::holds_alternative<NeedMore>(reader.push(bytes))) return false;
  }
}

}  // namespace

asio::awaitable<Flight> first_look(std::shared_ptr<Connection> connection, std::chrono::milliseconds patience) {
  FlightReader reader;
  if (!sends_hello(connection->native_handle())) {
    connection->close();
    co_return NeedMore{};
  }
  asio::steady_timer alarm(connection->get_executor(), patience);
  // Closed and not cancelled: it may ring while nothing is waited for.
  alarm.async_wait([connection](const asio::error_code& stopped) {
    asio::error_code ignored;
    if (!stopped) connection->close(ignored);
  });
  asio::error_code error;
  do co_await connection->async_wait(Connection::wait_read, asio::redirect_error(asio::use_awaitable, error));
  while (!error && connection->is_open() && receives(reader, connection->native_handle()));
  alarm.cancel();
  asio::error_code ignored;
  connection->close(ignored);
  co_return reader.flight();
}

}  // namespace probes::look
