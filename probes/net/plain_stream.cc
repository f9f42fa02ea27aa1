#include "probes/net/plain_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <asio/error.hpp>
#include <cerrno>

namespace probes::net {

asio::awaitable<Transfer> PlainStream::read_some(std::span<char> into) {
  if (left_ == 0) co_return Transfer{End::flooded, 0};
  for (;;) {
    const ssize_t came = ::recv(socket_.descriptor(), into.data(), std::min(into.size(), left_), 0);
    if (came > 0) {
      left_ -= static_cast<std::size_t>(came);
      co_return Transfer{End::ok, static_cast<std::size_t>(came)};
    }
    if (came == 0) co_return Transfer{End::closed, 0};
    if (errno == ECONNRESET) co_return Transfer{End::reset, 0};
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) co_return Transfer{End::failed, 0};
    if (co_await socket_.readable() == Ready::too_late) co_return Transfer{End::too_late, 0};
  }
}

asio::awaitable<Transfer> PlainStream::write_all(std::string_view bytes) {
  const asio::error_code error = co_await socket_.write(bytes);
  if (!error) co_return Transfer{End::ok, bytes.size()};
  if (error == asio::error::timed_out) co_return Transfer{End::too_late, 0};
  co_return Transfer{error == asio::error::connection_reset || error == asio::error::broken_pipe ? End::reset : End::failed, 0};
}

}  // namespace probes::net
